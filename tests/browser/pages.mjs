// Every page of the console: how it is called, who sees it, where it is. `path` may be a function of the fixture;
// `full`: the picture is of the whole page.

export const pages = [
    { name: 'sign-in', path: '/sign-in' },
    { name: 'home', role: 'enrolment', path: '/' },
    { name: 'queue', role: 'enrolment', path: '/queue' },
    { name: 'applications', role: 'enrolment', path: '/applications?state=eligible' },
    { name: 'search', role: 'enrolment', path: '/search?q=road' },
    { name: 'application', role: 'enrolment', path: (made) => `/application?id=${made.review}` },
    { name: 'application-details', role: 'enrolment', path: (made) => `/application?id=${made.waiting}&tab=details` },
    { name: 'application-notes', role: 'enrolment', path: (made) => `/application?id=${made.review}&tab=notes` },
    { name: 'application-history', role: 'enrolment', path: (made) => `/application?id=${made.waiting}&tab=history` },
    { name: 'premise', role: 'enrolment', path: (made) => `/premise?id=${made.premise}` },
    { name: 'imports', role: 'enrolment', path: '/imports' },
    { name: 'import-new', role: 'enrolment', path: '/import-new' },
    { name: 'import', role: 'enrolment', path: (made) => `/import?id=${made.importId}` },
    { name: 'import-errors', role: 'enrolment', path: (made) => `/import?id=${made.importId}&tab=errors` },
    { name: 'publications', role: 'enrolment', path: '/publications' },
    { name: 'publication', role: 'operator', path: '/publication?version=1' },
    { name: 'home-operator', role: 'operator', path: '/' },
    { name: 'not-found', role: 'enrolment', path: '/no-such-page' },
];
