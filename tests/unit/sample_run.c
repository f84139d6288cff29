/* SPDX-License-Identifier: Apache-2.0 */
#include "sample_run.h"

#include <stdio.h>

#include "cmocka_all.h"
#include "eval/file.h"

#define DIGEST_A \
    "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea"
#define DIGEST_B \
    "9b74c9897bac770ffc029102a200c5de5f2f7a4a8c6fb0b3a4d0a3f0e2a1c7d4"

dg_span sample_spec(const char *name)
{
    char path[512];
    struct dg_problem problem = {""};
    dg_span bytes = {NULL, 0};

    (void)snprintf(path, sizeof(path), "%s/%s", DG_SPEC, name);
    if (dg_file_read(path, 1U << 20, &bytes, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
    return bytes;
}

static void make_head(struct dg_run *run)
{
    struct dg_run_head *head = &run->head;

    head->profile_id = "dg-mobile-control";
    head->profile_version = "0.3";
    head->profile_title = "Mobile control of a diabetes device";
    head->profile_digest = DIGEST_B;
    head->package_id = "enhanced-basic";
    head->package_title = "Enhanced Basic";
    head->package_digest = DIGEST_A;
    head->van_claimed = 3;
    head->seed = 20170711;
    head->tier = "fast";
    head->tool_version = "dosegate 0.1.0";
    head->started = "2026-03-02T09:14:05Z";
    head->ended = "2026-03-02T09:14:47Z";
    head->host = "Linux x86-64, 2 cores, virtual device over a local socket";
    head->laboratory = "Example laboratory";
    head->status = "not registered";
}

static void make_product(struct dg_run *run)
{
    struct dg_run_product *product = &run->product;

    product->name = "Meadow Patch Pump";
    product->maker = "Example Maker & Sons";
    product->version = "2.4.1";
    product->firmware_digest = DIGEST_A;
    product->function_class = "Insulin pump, dosed from the user's phone";
    product->platform = "Any phone; the pump checks every command itself";
    product->phone_lost = "The pump goes on with its own basal programme and "
                          "sounds an alarm within 15 minutes.";
    product->phone_starved = "Automatic dosing ends when the phone falls "
                             "silent for 10 minutes; basal goes on.";
    product->update_mode = "signed, installed after the user agrees";
    product->support_end = "2031-12-31";
    product->contact = "security@maker.example";
    dg_run_add_line(run, &product->interfaces, "Bluetooth LE control service");
    dg_run_add_line(run, &product->interfaces, "One button, one sounder");
    dg_run_add_cap(run, "one bolus", 10000);
    dg_run_add_cap(run, "any hour", 15000);
    dg_run_add_claim(run, "Dose confirmation", "On the phone, by fingerprint");
}

static struct dg_run_test *add_test(struct dg_run *run,
                                    const char *id,
                                    const char *title,
                                    const char *threat,
                                    const char *position,
                                    enum dg_run_verdict verdict)
{
    struct dg_run_test *test = dg_run_add_test(run, id);

    assert_non_null(test);
    test->title = title;
    test->threat = threat;
    test->position = position;
    test->tier = "fast";
    test->verdict = verdict;
    test->elapsed_ms = 800U + (31U * (uint64_t)id[0]);
    dg_run_add_line(run, &test->requirements, "FTP_ITC.1");
    dg_run_add_monitor(
        run, test, "therapy", verdict, "Delivered insulin against scheduled.");
    dg_run_add_monitor(
        run, test, "process", DG_RUN_PASS, "The device kept answering.");
    test->replay_command =
        dg_run_textf(run, "dosegate evaluate --test %s --seed 20170711", id);
    return test;
}

static void add_factors(struct dg_run *run,
                        struct dg_run_path *path,
                        const char *const levels[5])
{
    static const char *const factors[] = {
        "elapsed_time", "expertise", "knowledge", "window", "equipment"};

    for (size_t i = 0; i < 5U; i++) {
        assert_non_null(dg_run_add_choice(run, path, factors[i], levels[i]));
    }
}

static void add_replay(struct dg_run *run, bool failing)
{
    static const uint8_t frame[] = {
        0x83, 0x05, 0x19, 0x01, 0x9a, 0x58, 0x20, 0x4c, 0x71, 0x9e, 0x02,
        0xd3, 0x55, 0x6b, 0x8f, 0x10, 0x2a, 0xee, 0x31, 0x07, 0xc4, 0x6d,
        0x92, 0x18, 0x4f, 0xb0, 0x65, 0x3a, 0xd7, 0x01, 0x8c, 0x44};
    struct dg_run_test *test = add_test(run,
                                        "replay",
                                        "A recorded dose is sent again",
                                        "T.NETWORK_ATTACK",
                                        "NA",
                                        failing ? DG_RUN_FAIL : DG_RUN_PASS);

    dg_run_add_line(run, &test->corpus, "DG-A02");
    dg_run_add_line(run, &test->corpus, "DG-A16");
    test->criterion = "The dose is delivered once. Every repetition is refused "
                      "as a replay and changes nothing.";
    test->tried = "A dose of 2.00 U was sent as it should be and recorded on "
                  "the radio. The same bytes were sent again after one second, "
                  "after ten minutes and in a new connection.";
    dg_run_add_line(
        run, &test->seen, "The first sending was obeyed: 2.00 U delivered.");
    if (failing) {
        test->reason = "The recorded dose was delivered a second time after "
                       "the connection was made anew.";
        dg_run_add_line(run,
                        &test->seen,
                        "Inside the session both repetitions were refused.");
        dg_run_add_line(run,
                        &test->seen,
                        "In the new connection the pump answered \"accepted\" "
                        "and moved another 2.00 U.");
    } else {
        test->reason = "Every repetition was refused, and no insulin beyond "
                       "the first dose was delivered.";
        dg_run_add_line(
            run, &test->seen, "All three repetitions were refused: replay.");
    }
    dg_run_add_measure(run, test, "Insulin asked for", 200, 2, "U");
    dg_run_add_measure(
        run, test, "Insulin delivered", failing ? 400 : 200, 2, "U");
    dg_run_add_measure(run, test, "Frames sent again", 3, 0, "");
    dg_run_add_measure(run, test, "Longest answer", 1842, 1, "ms");
    test->remediation = "Let the device supply the freshness: a ticket that "
                        "names this one dose and is used once.";
    dg_run_add_packet(run,
                      test,
                      412,
                      DG_RUN_TO_PRODUCT,
                      "dose 2.00 U, recorded",
                      DG_SPAN_OF(frame));
    dg_run_add_packet(run,
                      test,
                      655,
                      DG_RUN_FROM_PRODUCT,
                      "answer: accepted",
                      (dg_span){frame, 12});
    dg_run_add_packet(run,
                      test,
                      640412,
                      DG_RUN_NOTE,
                      "connection closed and made anew",
                      (dg_span){NULL, 0});
    dg_run_add_packet(run,
                      test,
                      641002,
                      DG_RUN_TO_PRODUCT,
                      "the same bytes again",
                      DG_SPAN_OF(frame));
    if (failing) {
        static const char *const levels[] = {
            "le_1_day", "proficient", "public", "easy", "standard"};
        struct dg_run_path *path =
            dg_run_add_path(run,
                            test,
                            "Record a dose, send it in a new connection",
                            DG_RATING_SUCCESSFUL);

        add_factors(run, path, levels);
        path->justification =
            "One recording within radio range while the person doses. No key "
            "is broken and no message understood; an off the shelf radio and "
            "free software suffice.";
        path->rated_by = "catalogue";
    }
}

static void add_starve(struct dg_run *run, bool failing)
{
    static const char *const levels[] = {
        "le_2_weeks", "expert", "sensitive", "moderate", "standard"};
    struct dg_run_test *test =
        add_test(run,
                 "starve-phone",
                 "The phone runs out of memory while it doses automatically",
                 "T.STARVATION",
                 "RS",
                 failing ? DG_RUN_INCONCLUSIVE : DG_RUN_PASS);

    dg_run_add_line(run, &test->corpus, "DG-H07");
    test->reason = failing ? "The valid control was not obeyed, so nothing "
                             "can be said."
                           : "Automatic dosing ended in time and basal went "
                             "on.";
    test->tried = "A second app took all memory for 40 minutes.";
    dg_run_add_measure(run, test, "Back to basal after", 58, 1, "min");
    dg_run_add_line(
        run, &test->seen, "Scheduled basal was delivered throughout.");

    struct dg_run_path *path = dg_run_add_path(
        run,
        test,
        "Starve the phone in the moment of a lease renewal",
        failing ? DG_RATING_UNDETERMINED : DG_RATING_SUCCESSFUL);

    add_factors(run, path, levels);
    path->choices->is_adjusted = true;
    path->choices->points = 3;
    path->choices->reason = "three weeks were needed on the bench";
    path->justification = "Needs the renewal schedule, which only the maker's "
                          "team knows, and many attempts on the victim's "
                          "phone. It delays an alarm by one minute.";
    path->rated_by = "A. Evaluator";
    path->confirmed_by = failing ? "" : "B. Second";
}

static void add_others(struct dg_run *run, bool failing)
{
    struct dg_run_test *test =
        add_test(run,
                 "capture",
                 "Somebody listens to a whole day of use",
                 "T.NETWORK_EAVESDROP",
                 "NE",
                 DG_RUN_PASS);

    test->reason = "No seeded secret and no health data in 24 hours of radio.";
    test->tried = "24 simulated hours were captured and searched.";
    dg_run_add_measure(run, test, "Frames searched", 18211, 0, "");

    test = add_test(run,
                    "overdose-slow",
                    "The phone over-doses a little at a time",
                    "T.PERSISTENT",
                    "PM",
                    failing ? DG_RUN_FAIL : DG_RUN_PASS);
    test->reason = failing ? "In one hour 22.00 U were delivered; 15.00 U are "
                             "allowed."
                           : "The hour limit held against a phone wholly in "
                             "the attacker's hands.";
    test->tried = "A phone with all keys asked for 0.40 U every minute.";
    dg_run_add_measure(
        run, test, "Most in any hour", failing ? 2200 : 1495, 2, "U");
    if (failing) {
        static const char *const levels[] = {
            "le_1_week", "expert", "restricted", "easy", "standard"};
        struct dg_run_path *path =
            dg_run_add_path(run,
                            test,
                            "Many small doses from a captured phone",
                            DG_RATING_SUCCESSFUL);

        add_factors(run, path, levels);
        path->justification = "Needs control of the phone's system and the "
                              "app's protocol.";
        path->rated_by = "catalogue";
    }

    test = add_test(run,
                    "glucagon-swap",
                    "A glucagon command in place of insulin",
                    "T.NETWORK_ATTACK",
                    "NA",
                    DG_RUN_NOT_APPLICABLE);
    test->reason = "The target claims no glucagon chamber.";
    test = add_test(run,
                    "use-confirm-screen",
                    "Can people read the confirm screen?",
                    "T.USE",
                    "UE",
                    failing ? DG_RUN_PENDING : DG_RUN_PASS);
    test->reason = failing ? "Needs a person with the evaluator form."
                           : "Signed off by two observers.";
    if (failing) {
        test = add_test(run,
                        "timing",
                        "Do answers leak by their time?",
                        "T.NETWORK_ATTACK",
                        "NA",
                        DG_RUN_ERROR);
        test->reason = "The bench clock stepped back; run it again.";
        test = add_test(run,
                        "advertise",
                        "Can the person be followed by the advertisements?",
                        "T.PRIVACY",
                        "PR",
                        DG_RUN_WAIVED);
        test->waived_because = "The address rotates in the next firmware.";
        test->waived_by = "C. Certifier";
        test->waived_until = "2026-06-30";
    }
}

static void add_figure(struct dg_run *run)
{
    static const char svg[] =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 220\" "
        "font-size=\"12\"><title>Glucose over one day</title>"
        "<g class=\"fig-rule\"><path d=\"M40 20H710M40 80H710M40 140H710"
        "M40 200H710\" stroke=\"currentColor\" stroke-opacity=\".15\" "
        "fill=\"none\"/></g>"
        "<g fill=\"currentColor\" opacity=\".7\"><text x=\"4\" y=\"24\">300"
        "</text><text x=\"4\" y=\"84\">200</text><text x=\"4\" y=\"144\">100"
        "</text><text x=\"40\" y=\"216\">00:00</text><text x=\"360\" y=\"216\""
        ">12:00</text></g>"
        "<polyline class=\"fig-pass\" fill=\"none\" stroke=\"currentColor\" "
        "stroke-width=\"2\" points=\"40,132 90,136 140,138 190,120 220,84 "
        "260,96 310,126 360,118 390,78 430,90 480,124 530,130 570,92 600,86 "
        "650,118 710,130\"/>"
        "<path class=\"fig-fail\" d=\"M220 20V200\" stroke=\"currentColor\" "
        "stroke-dasharray=\"4 3\"/><text class=\"fig-fail\" x=\"226\" y=\"34\""
        " fill=\"currentColor\">replay at 06:10</text></svg>";

    assert_non_null(
        dg_run_add_figure(run,
                          "day",
                          "A simulated day with the attacks in it. The line "
                          "is the glucose of the virtual person in mg/dL.",
                          svg));
}

static void add_calibration(struct dg_run *run)
{
    struct dg_run_calibration *one =
        dg_run_add_calibration(run,
                               "replay-after-reconnect",
                               "Forgets its counters when the link is lost",
                               "replay");

    one->is_caught = true;
    one->seen = "The dose came twice.";
    one->elapsed_ms = 1304;
    one = dg_run_add_calibration(
        run, "clear-status", "Sends its status in clear", "capture");
    one->is_caught = true;
    one->seen = "The seeded name was in the capture.";
    one->elapsed_ms = 911;
    one = dg_run_add_calibration(run,
                                 "slow-window",
                                 "Starts its hour anew with every dose",
                                 "overdose-slow");
    one->seen = "The hour limit seemed to hold.";
    one->elapsed_ms = 2507;
}

void sample_run_make(struct dg_run *run,
                     const struct dg_crypto *crypto,
                     bool failing)
{
    const dg_span table = sample_spec("rating/cem-3.1r5.yaml");
    struct dg_problem problem = {""};

    dg_run_init(run);
    make_head(run);
    make_product(run);
    if (dg_run_set_table(run, crypto, table, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
    dg_file_free(table);
    add_others(run, failing);
    add_replay(run, failing);
    add_starve(run, failing);
    add_figure(run);
    add_calibration(run);
}

void sample_run_small(struct dg_run *run)
{
    dg_run_init(run);
    run->head.ended = "2026-03-02T09:14:47Z";
    run->product.name = "Small";

    struct dg_run_test *test = dg_run_add_test(run, "one");

    test->verdict = DG_RUN_PASS;
    dg_run_add_measure(run, test, "x", -5, 1, "s");
}
