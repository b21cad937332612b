// Every page of the console: how it is called, who sees it, where it is. `path` may be a function of the fixture.

export const pages = [
    { name: 'sign-in', path: '/sign-in' },
    { name: 'home', role: 'enrolment', path: '/' },
    { name: 'home-operator', role: 'operator', path: '/' },
    { name: 'not-found', role: 'enrolment', path: '/no-such-page' },
];
