// The pages, who sees them, in what group: the menu, the front page and the help read this table.

/** { href, label, roles, group, hint, key }: `key` is pressed after g. */
export const menu = [
    { href: '/', label: 'Home', hint: 'What waits for you', key: 'h' },
];
