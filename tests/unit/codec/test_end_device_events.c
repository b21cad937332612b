/* EndDeviceEvents: what is read of a document, in pieces of any size, and what is not taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/end_device_events.h"

#define HEAD                                                                                       \
    "<?xml version=\"1.0\"?><EndDeviceEvents xmlns=\"http://iec.ch/TC57/2011/EndDeviceEvents#\">"
#define TAIL          "</EndDeviceEvents>"
#define EVENT(inside) "<EndDeviceEvent>" inside "</EndDeviceEvent>"
#define AT            "<createdDateTime>2019-10-27T03:19:00Z</createdDateTime>"
#define TYPE          "<EndDeviceEventType ref=\"3.26.0.47\"/>"
#define METER         "<Assets><mRID>M1</mRID></Assets>"

struct told {
    char text[1024];
    size_t len;
    enum error_code answer;
};

static enum error_code take(void *context, const struct end_device_event *e)
{
    struct told *told = context;

    told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
                                  "%llu %s %s %s/%s %s/%s %lld;", (unsigned long long)e->number,
                                  e->id, e->code, e->meter, e->meter_name, e->usage_point,
                                  e->usage_point_name, (long long)e->at_ms);
    return told->answer;
}

/* Read a document in pieces; the note is kept in `note`. */
static enum error_code read_pieces(const char *text, size_t len, size_t piece, struct told *told,
                                   char *note)
{
    struct end_device_events *e = NULL;
    enum error_code ec = end_device_events_new(take, told, &e);

    assert_int_equal(ec, EC_OK);
    for (size_t at = 0; at < len && ec == EC_OK; at += piece)
        ec = end_device_events_put(e, text + at, len - at < piece ? len - at : piece);
    if (ec == EC_OK)
        ec = end_device_events_end(e);
    if (note != NULL)
        snprintf(note, END_DEVICE_EVENTS_NOTE_MAX, "%s", end_device_events_note(e));
    end_device_events_free(e);
    return ec;
}

static void reads(const char *text, const char *wanted)
{
    static const size_t pieces[] = {1, 7, 100000};

    for (size_t i = 0; i < 3; i++) {
        struct told told = {.answer = EC_OK};
        char note[END_DEVICE_EVENTS_NOTE_MAX];
        enum error_code ec = read_pieces(text, strlen(text), pieces[i], &told, note);
        assert_string_equal(note, "");
        assert_int_equal(ec, EC_OK);
        assert_string_equal(told.text, wanted);
    }
}

static void refuses(const char *text, const char *why)
{
    static const size_t pieces[] = {1, 100000};

    for (size_t i = 0; i < 2; i++) {
        struct told told = {.answer = EC_OK};
        char note[END_DEVICE_EVENTS_NOTE_MAX];
        assert_int_equal(read_pieces(text, strlen(text), pieces[i], &told, note),
                         EC_FIELDS_INVALID);
        assert_non_null(strstr(note, "line "));
        if (strstr(note, why) == NULL)
            fail_msg("'%s' does not say '%s'", note, why);
    }
}

static void events_are_read(void **state)
{
    (void)state;
    reads(HEAD TAIL, "");
    reads(HEAD EVENT(AT TYPE METER) TAIL, "1  3.26.0.47 M1/ / 1572146340000;");
    reads(
        "<m:EventMessage xmlns:m='m' xmlns:e='http://iec.ch/TC57/2011/EndDeviceEvents#'><m:Header>"
        "<m:Verb>created</m:Verb></m:Header><m:Payload><e:EndDeviceEvents><e:EndDeviceEvent>"
        "<e:mRID> E-7\n</e:mRID><e:createdDateTime>2019-10-26T20:19:00.25-07:00</e:createdDateTime>"
        "<e:reason>last gasp &amp; so on</e:reason><e:Assets><e:Names><e:name>A&lt;1</e:name>"
        "<e:NameType><e:name>no</e:name></e:NameType></e:Names><e:Names><e:name>second</e:name></"
        "e:Names>"
        "</e:Assets><e:EndDeviceEventType ref='3.26.136.216'/><e:UsagePoint><e:mRID>U</e:mRID>"
        "<e:Names><e:name><![CDATA[SP 9]]></e:name></e:Names></e:UsagePoint></e:EndDeviceEvent>"
        "</e:EndDeviceEvents></m:Payload></m:EventMessage>",
        "1 E-7 3.26.136.216 /A<1 U/SP 9 1572146340250;");
    reads(HEAD EVENT("<EndDeviceEventType><mRID>3.26.0.216</mRID></EndDeviceEventType>" AT METER)
              EVENT(AT TYPE "<UsagePoint><mRID>P</mRID></UsagePoint>") TAIL,
          "1  3.26.0.216 M1/ / 1572146340000;2  3.26.0.47 / P/ 1572146340000;");
    reads(HEAD "<EndDeviceEventType ref='x'/><other>" EVENT("<a/>") "</other>" TAIL, "");
}

static void events_that_do_not_say_enough_are_refused(void **state)
{
    (void)state;
    refuses(HEAD EVENT(TYPE METER) TAIL, "createdDateTime '' is not a time");
    refuses(HEAD EVENT("<createdDateTime>2019-10-27T03:19:00</createdDateTime>" TYPE METER) TAIL,
            "with an offset");
    refuses(HEAD EVENT("<createdDateTime>2019-02-29T03:19:00Z</createdDateTime>" TYPE METER) TAIL,
            "is not a time");
    refuses(HEAD EVENT("<createdDateTime>1969-12-31T23:59:59Z</createdDateTime>" TYPE METER) TAIL,
            "is not a time");
    refuses(HEAD EVENT("<createdDateTime>2019-10-27T24:00:00Z</createdDateTime>" TYPE METER) TAIL,
            "is not a time");
    refuses(HEAD EVENT("<createdDateTime>2019-10-27T03:19:00.Z</createdDateTime>" TYPE METER) TAIL,
            "is not a time");
    refuses(HEAD EVENT("<createdDateTime>2019-10-27T03:19:00+15:00</createdDateTime>" TYPE METER)
                TAIL,
            "is not a time");
    refuses(HEAD EVENT(AT METER) TAIL, "EndDeviceEventType '' is not a code");
    refuses(HEAD EVENT(AT METER "<EndDeviceEventType ref='3.26..47'/>") TAIL,
            "'3.26..47' is not a code");
    refuses(HEAD EVENT(AT TYPE) TAIL, "names neither a meter nor a usage point");
    refuses("<EndDeviceControls/>", "there is no EndDeviceEvents");
}

static void documents_that_are_none_are_refused(void **state)
{
    (void)state;
    refuses("", "no element found");
    refuses("{}", "not well-formed");
    refuses(HEAD EVENT(AT TYPE METER), "no element found");
    refuses(HEAD "<EndDeviceEvent>" TAIL, "mismatched tag");
    refuses(HEAD "\xff" TAIL, "not well-formed");
    refuses(HEAD "&nothing;" TAIL, "undefined entity");
    refuses("<?xml version='1.0' encoding='no-such'?>" TAIL, "unknown encoding");
}

static void document_types_are_refused(void **state)
{
    (void)state;
    refuses("<!DOCTYPE EndDeviceEvents><EndDeviceEvents/>", "a document type is not taken");
    refuses("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><EndDeviceEvents/>",
            "a document type is not taken");
    refuses("<!DOCTYPE x [<!ENTITY e SYSTEM "
            "\"file:///etc/passwd\">]><EndDeviceEvents>&e;</EndDeviceEvents>",
            "a document type is not taken");
    refuses("<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
            "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d "
            "\"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
            "]><EndDeviceEvents>&d;&d;&d;&d;</EndDeviceEvents>",
            "a document type is not taken");
}

/* How much of head + n times part is read before it is refused with `why`. */
static size_t read_until_refused(const char *head, const char *part, size_t n, const char *why)
{
    struct told told = {.answer = EC_OK};
    struct end_device_events *e = NULL;
    size_t len = strlen(part), fed = strlen(head);

    assert_int_equal(end_device_events_new(take, &told, &e), EC_OK);
    enum error_code ec = end_device_events_put(e, head, strlen(head));
    for (size_t i = 0; i < n && ec == EC_OK; i++, fed += len)
        ec = end_device_events_put(e, part, len);
    assert_int_equal(ec, EC_FIELDS_INVALID);
    if (strstr(end_device_events_note(e), why) == NULL)
        fail_msg("'%s' does not say '%s'", end_device_events_note(e), why);
    assert_int_equal(end_device_events_put(e, part, len), EC_FIELDS_INVALID); /* and it is final */
    assert_int_equal(end_device_events_end(e), EC_FIELDS_INVALID);
    end_device_events_free(e);
    return fed;
}

static void what_has_no_end_is_refused_early(void **state)
{
    static char part[1024];

    (void)state;
    memset(part, 'x', sizeof(part) - 1);
    /* 100 MB each, if it were read */
    size_t n = 100000;
    assert_true(read_until_refused(HEAD "<EndDeviceEvent><reason>", part, n,
                                   "a text is longer than 4096") < 10000);
    assert_true(read_until_refused(HEAD "<EndDeviceEvent><mRID>", part, n,
                                   "a value is longer than 128") < 10000);
    assert_true(read_until_refused(HEAD, part, n, "a text is longer than 4096") < 10000);
    assert_true(read_until_refused(HEAD "<a b='", part, n,
                                   "a tag or comment is longer than 65536") < 100000);
    assert_true(read_until_refused(HEAD "<!--", part, n, "a tag or comment is longer than 65536") <
                100000);
    assert_true(read_until_refused(HEAD "<", part, n, "a tag or comment is longer than 65536") <
                100000);
    assert_true(read_until_refused("<?", part, n, "a tag or comment is longer than 65536") <
                100000);
    assert_true(read_until_refused("<a>", "<a>", n, "more than 32 elements within each other") <
                200);
    assert_true(read_until_refused(HEAD "<EndDeviceEvent>", "<a>", n, "more than 32 elements") <
                300);
    char attributes[1024] = HEAD "<a";
    for (int i = 0; i < 33; i++)
        snprintf(attributes + strlen(attributes), 16, " a%d=''", i);
    strcat(attributes, "/>");
    refuses(attributes, "more than 32 attributes");
}

static void what_the_taker_says_ends_the_reading(void **state)
{
    struct told told = {.answer = EC_DATABASE};
    const char text[] = HEAD EVENT(AT TYPE METER) EVENT(AT TYPE METER) TAIL;

    (void)state;
    assert_int_equal(read_pieces(text, strlen(text), 10000, &told, NULL), EC_DATABASE);
    assert_string_equal(told.text, "1  3.26.0.47 M1/ / 1572146340000;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_read),
        cmocka_unit_test(events_that_do_not_say_enough_are_refused),
        cmocka_unit_test(documents_that_are_none_are_refused),
        cmocka_unit_test(document_types_are_refused),
        cmocka_unit_test(what_has_no_end_is_refused_early),
        cmocka_unit_test(what_the_taker_says_ends_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
