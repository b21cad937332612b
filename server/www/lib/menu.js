// The pages, who sees them, in what group: the menu, the front page and the help read this table.

/** { href, label, roles, group, hint, key }: `key` is pressed after g. */
export const menu = [
    { href: '/', label: 'Home', hint: 'What waits for you', key: 'h' },
    { href: '/queue', label: 'Queue', roles: ['enrolment'], group: 'Enrolment', hint: 'Applications on their way, longest waiting first', key: 'q' },
    { href: '/applications', label: 'Applications', roles: ['enrolment'], group: 'Enrolment', hint: 'All of them, by state, programme and person', key: 'a' },
    { href: '/imports', label: 'Imports', roles: ['enrolment', 'operator'], group: 'Enrolment', hint: 'Premises, accounts and circuits by CSV, with a dry run first', key: 'i' },
    { href: '/publications', label: 'Publications', roles: ['enrolment', 'operator'], group: 'Enrolment', hint: 'Generator lists, zone layers and rulesets by version, with their difference', key: 'p' },
    { href: '/map', label: 'Map', roles: ['analyst', 'operator'], group: 'Grid', hint: 'Outages, circuits, zones and devices; what was when', key: 'm' },
    { href: '/outages', label: 'Outages', roles: ['analyst', 'operator'], group: 'Grid', hint: 'Homes that lost the utility together, newest first', key: 'o' },
    { href: '/indices', label: 'Reliability', roles: ['analyst', 'operator'], group: 'Grid', hint: 'SAIDI, SAIFI, CAIDI, MAIFI and CEMI by month, area, circuit and cause', key: 'r' },
    { href: '/benefit', label: 'Backup power', roles: ['analyst', 'operator'], group: 'Grid', hint: 'What generators carried, and what failed', key: 'w' },
    { href: '/devices', label: 'Devices', roles: ['operator'], group: 'Fleet', hint: 'Transfer meters: lights, contactors, journals, commands', key: 'd' },
    { href: '/custody', label: 'Custody', roles: ['enrolment', 'installer', 'operator'], group: 'Fleet', hint: 'Who holds which meter: warehouse, crew, home, and back', key: 'c' },
    { href: '/alarms', label: 'Alarms', roles: ['operator'], group: 'Fleet', hint: 'What a person must look at, with its history', key: 'l' },
    { href: '/installer/', label: 'Generator check', roles: ['installer', 'enrolment'], group: 'In the field', hint: 'Will this generator work: make and model, typed, or scanned', key: 'v' },
    { href: '/installer/jobs', label: 'Jobs', roles: ['installer'], group: 'In the field', hint: 'The crew’s appointments, with their checklists', key: 'j' },
    { href: '/installer/outbox', label: 'Outbox', roles: ['installer'], group: 'In the field', hint: 'What was entered without a network, and what was refused', key: 'b' },
    { href: '/installer/steps', label: 'Customer’s steps', roles: ['installer', 'enrolment'], group: 'In the field', hint: 'To connect and to disconnect, in English and Spanish, to print', key: 's' },
    { href: '/installer/set-up', label: 'This phone', roles: ['installer', 'enrolment'], group: 'In the field', hint: 'The key and the list that it checks generators with', key: 't' },
];
