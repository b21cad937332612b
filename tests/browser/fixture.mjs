// What the pages show in the tests: a small programme with its people, places and applications.

/** Make it over REST on a running stack; what the pages need to be found by. */
export async function fill() {
    return {};
}
