/* SPDX-License-Identifier: Apache-2.0 */
/* usleep() and dprintf() are extensions. */
#define _GNU_SOURCE
#include "unit/cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "dosegate/message.h"
#include "dosegate/sensor.h"
#include "link.h"
#include "processes.h"

#define ANSWER_MS 20000

static char dir[PROCESS_PATH];
static char text[PROCESS_TEXT];
static struct process device;
static struct process domain;

/* helpers ---------------------------------------------------------------- */

static const char *program(const char *name)
{
    return process_path(DG_BIN_DIR, name);
}

static int cli(const char *verb,
               const char *argument,
               const char *option,
               const char *input)
{
    char dosegate[PROCESS_PATH * 2U];
    const char *argv[8] = {dosegate, verb, "--dir", dir, NULL};
    size_t count = 4;

    (void)snprintf(dosegate, sizeof(dosegate), "%s", program("dosegate"));
    if (argument != NULL) {
        argv[count++] = argument;
    }
    if (option != NULL) {
        argv[count++] = option;
    }
    return process_run(argv, input, text);
}

static void check_says(const char *words)
{
    if (strstr(text, words) == NULL) {
        fail_msg("not said: '%s' in: %s", words, text);
    }
}

/* Pump and domain as children of this test. */
static void start_device(const char *scheme, const char *clock)
{
    char at[PROCESS_PATH * 2U];
    char name[PROCESS_PATH * 2U];
    char link[64];
    const char *argv[] = {name,
                          "--dir",
                          at,
                          "--link",
                          link,
                          "--provision",
                          "adult",
                          "--clock",
                          clock,
                          NULL};

    (void)snprintf(name, sizeof(name), "%s", program("dosegate-device"));
    (void)snprintf(at, sizeof(at), "%s", process_path(dir, "device"));
    (void)snprintf(link,
                   sizeof(link),
                   "%s%s",
                   scheme,
                   (strlen(scheme) > 4U) ? "" : "127.0.0.1:0");

    json_t *ready = process_start(argv, &device, text);

    if (ready == NULL) {
        fail_msg("no device: %s", text);
    }
    (void)snprintf(text,
                   sizeof(text),
                   "%s",
                   json_string_value(json_object_get(ready, "link")));
    json_decref(ready);
}

static json_t *start_domain(const char *name,
                            const char *link,
                            const char *loop)
{
    char path[PROCESS_PATH * 2U];
    char address[64];
    const char *argv[] = {
        path, "--dir", dir, "--link", address, "--closed-loop", loop, NULL};

    (void)snprintf(path, sizeof(path), "%s", name);
    (void)snprintf(address, sizeof(address), "%.60s", link);
    return process_start(argv, &domain, text);
}

static void start_both(const char *scheme, const char *loop)
{
    start_device(scheme, "real");

    json_t *ready = start_domain(program("dosegate-domain"), text, loop);

    if (ready == NULL) {
        fail_msg("no domain: %s", text);
    }
    json_decref(ready);
}

static int setup(void **state)
{
    (void)state;
    process_place(dir);
    device.pid = 0;
    domain.pid = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (domain.pid > 0) {
        (void)kill(domain.pid, SIGKILL);
        (void)process_wait(&domain, 2000, text);
    }
    if (device.pid > 0) {
        (void)kill(device.pid, SIGKILL);
        (void)process_wait(&device, 2000, text);
    }
    (void)cli("down", NULL, NULL, NULL);
    process_clear(dir);
    return 0;
}

/* the front door --------------------------------------------------------- */

static void test_domain__a_day_at_the_front_door__works(void **state)
{
    (void)state;
    assert_int_equal(cli("status", NULL, NULL, NULL), 1);
    check_says("dosegate up");
    assert_int_equal(cli("up", NULL, NULL, NULL), 0);
    assert_int_equal(cli("up", NULL, NULL, NULL), 1);
    check_says("dosegate down");
    assert_int_equal(cli("status", NULL, NULL, NULL), 1);
    check_says("dosegate pair");
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);
    check_says("Paired as owner");
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
    check_says("running: basal by schedule");
    assert_int_equal(cli("bolus", ",5", NULL, NULL), 1);
    check_says("0.5, not .5");
    assert_int_equal(cli("bolus", "0,1", NULL, "n\n"), 1);
    check_says("The pump resolved: bolus 0.10 U, normal.");
    check_says("not approved");
    assert_int_equal(cli("bolus", "0.12", NULL, "y\n"), 0);
    check_says("You asked for 0.12 U");
    check_says("Outcome: 0.10 U, delivered.");
    assert_int_equal(cli("bolus", "250", "--yes", NULL), 1);
    check_says("the pump refused");
    assert_int_equal(cli("stop", NULL, NULL, NULL), 0);
    assert_int_equal(cli("status", NULL, "--json", NULL), 0);

    json_error_t error;
    json_t *reply = json_loads(text, 0, &error);

    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(reply, "status"), "bolus_total_mU")),
                     100);
    json_decref(reply);
    assert_int_equal(cli("down", NULL, NULL, NULL), 0);
    check_says("Ended.");
    assert_int_equal(access(process_path(dir, "gateway.sock"), F_OK), -1);
    assert_int_equal(access(process_path(dir, "dosegate-domain.pid"), F_OK),
                     -1);

    /* The pairing survives: what a phone knows is on its storage. */
    assert_int_equal(cli("up", NULL, NULL, NULL), 0);
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
    check_says("0.10 U of 0.10 U, delivered");
    assert_int_equal(cli("down", NULL, NULL, NULL), 0);
}

static void test_domain__state_directory__is_ours_alone(void **state)
{
    struct stat about;

    (void)state;
    start_both("udp:", "off");
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);
    assert_int_equal(stat(process_path(dir, "keys"), &about), 0);
    assert_int_equal(about.st_mode & 0777U, 0700);
    assert_int_equal(stat(process_path(dir, "keys/phone"), &about), 0);
    assert_int_equal(about.st_mode & 0777U, 0600);
    assert_int_equal(stat(process_path(dir, "confirm/key-presence"), &about),
                     0);
    assert_int_equal(about.st_mode & 0777U, 0600);
    assert_int_equal(stat(process_path(dir, "gateway.sock"), &about), 0);
    assert_int_equal(about.st_mode & 0777U, 0600);
    assert_int_equal(stat(process_path(dir, "confirm.sock"), &about), 0);
    assert_int_equal(about.st_mode & 0777U, 0600);
}

/* the supervisor --------------------------------------------------------- */

/* The role of that name, when it is another process than before. */
static pid_t wait_for_role(const char *name, pid_t before)
{
    pid_t role = 0;

    for (int i = 0; (i < 500) && ((role == 0) || (role == before)); i++) {
        role = process_child(domain.pid, name);
        (void)usleep(10000);
    }
    return (role == before) ? 0 : role;
}

static void test_domain__a_role_dies__all_end_and_it_is_named(void **state)
{
    (void)state;
    start_both("udp:", "off");

    const pid_t role = process_child(domain.pid, "dosegate-role-keys");

    assert_true(role > 0);
    assert_int_equal(kill(role, SIGKILL), 0);
    assert_int_equal(process_wait(&domain, 5000, text), 1);
    check_says("role keys was ended by signal 9");
    assert_int_equal(process_child(1, "dosegate-role-keys"), 0);
    assert_int_equal(access(process_path(dir, "gateway.sock"), F_OK), -1);
}

/* A parser that dies, again and again, is started again, later each time;
 * therapy lives on, its session holds, and the pump sees nothing of it.
 * @verifies{FPT_SEP.3@1} */
static void check_parser_dies(const char *name, const char *words)
{
    start_both("udp:", "off");
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);

    const pid_t therapy = process_child(domain.pid, "dosegate-role-therapy");
    pid_t parser = process_child(domain.pid, name);

    for (int i = 0; i < 3; i++) {
        assert_true(parser > 0);
        assert_int_equal(kill(parser, SIGKILL), 0);
        parser = wait_for_role(name, parser);
    }
    assert_true(parser > 0);
    for (int i = 0; (i < 100) && (cli("bolus", "0.1", "--yes", NULL) != 0);
         i++) {
        (void)usleep(50000); /* its socket comes a moment later */
    }
    check_says("delivered");
    assert_int_equal(cli("status", NULL, "--json", NULL), 0);
    check_says("\"therapy\": \"run\"");
    assert_int_equal(process_child(domain.pid, "dosegate-role-therapy"),
                     therapy);
    assert_int_equal(kill(domain.pid, SIGTERM), 0);
    assert_int_equal(process_wait(&domain, 5000, text), 0);
    check_says(words);
    check_says("started again in 100 ms");
    check_says("started again in 400 ms");
}

static void test_domain__gateway_dies__therapy_goes_on(void **state)
{
    (void)state;
    check_parser_dies("dosegate-role-gateway",
                      "role gateway was ended by signal 9");
}

static void test_domain__link_dies__therapy_goes_on(void **state)
{
    (void)state;
    check_parser_dies("dosegate-role-link", "role link was ended by signal 9");
}

static void test_domain__sigterm__ends_cleanly(void **state)
{
    (void)state;
    start_both("udp:", "off");
    assert_int_equal(kill(domain.pid, SIGTERM), 0);
    assert_int_equal(process_wait(&domain, 5000, text), 0);
    assert_string_equal(text, "");
}

static void test_domain__supervisor_killed__roles_die_with_it(void **state)
{
    static const char *const roles[] = {"keys", "therapy", "confirm"};
    pid_t pids[3];

    (void)state;
    start_both("udp:", "off");
    for (size_t i = 0; i < 3U; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "dosegate-role-%s", roles[i]);
        /* "dosegate-role-" leaves one letter of the kernel's 15. */
        pids[i] = process_child(domain.pid, name);
        assert_true(pids[i] > 0);
    }
    assert_int_equal(kill(domain.pid, SIGKILL), 0);
    assert_int_equal(process_wait(&domain, 5000, text), 128 + SIGKILL);
    for (size_t i = 0; i < 3U; i++) {
        for (int k = 0; (k < 200) && (kill(pids[i], 0) == 0); k++) {
            char proc[64];
            char line[256] = "";

            (void)snprintf(proc, sizeof(proc), "/proc/%d/stat", pids[i]);

            FILE *from = fopen(proc, "re");

            if (from != NULL) {
                (void)fgets(line, sizeof(line), from);
                (void)fclose(from);
            }
            if (strstr(line, ") Z ") != NULL) {
                break; /* dead, only not yet reaped by init */
            }
            assert_true(k < 199);
            (void)usleep(20000);
        }
    }
}

static void test_domain__malformed_internal_message__names_who_sent_it(
    void **state)
{
    static const char *const names[] = {"dosegate-role-link",
                                        "dosegate-role-keys",
                                        "dosegate-role-therapy",
                                        "dosegate-role-confirm"};

    (void)state;
    for (size_t i = 0; i < 4U; i++) {
        assert_true(
            process_copy(program(names[i]), process_path(dir, names[i])));
    }
    assert_true(
        process_copy(DG_EVIL_ROLE, process_path(dir, "dosegate-role-gateway")));
    assert_true(
        process_copy(DG_EVIL_DOMAIN, process_path(dir, "dosegate-domain")));
    start_device("udp:", "real");

    json_t *ready =
        start_domain(process_path(dir, "dosegate-domain"), text, "off");

    if (ready == NULL) {
        fail_msg("no domain: %s", text);
    }
    json_decref(ready);

    /* It is ended, and another one comes; therapy and keys stay. */
    const pid_t therapy = process_child(domain.pid, "dosegate-role-therapy");
    const pid_t evil = process_child(domain.pid, "dosegate-role-gateway");

    assert_true(wait_for_role("dosegate-role-gateway", evil) > 0);
    assert_int_equal(process_child(domain.pid, "dosegate-role-therapy"),
                     therapy);
    assert_int_equal(kill(domain.pid, SIGTERM), 0);
    assert_int_equal(process_wait(&domain, 5000, text), 0);
    check_says("role gateway was ended: it sent role therapy a malformed");
}

static void test_domain__same_directory_twice__refused(void **state)
{
    struct process first;

    (void)state;
    start_both("udp:", "off");
    first = domain;

    json_t *ready =
        start_domain(program("dosegate-domain"), "udp:127.0.0.1:9", "off");

    assert_null(ready);
    check_says("another domain runs in");
    domain = first;
    assert_int_equal(access(process_path(dir, "gateway.sock"), F_OK), 0);
}

static void test_domain__options_that_are_wrong__told_what_to_write(
    void **state)
{
    static const char *const bad[][3] = {
        {"--link", "udp:10.1.2.3:5", "udp:127.0.0.1:PORT"},
        {"--target", "abc", "80 .. 250"},
        {"--target", "5", "80 .. 250"},
        {"--isf", "1e3", "2 .. 1000"},
        {"--closed-loop", "maybe", "on or off"},
        {"--phone-battery", "101", "0 .. 100"},
        {"--isolation", "none", "linux or process"},
        {"--nonsense", "1", "no such option"}};
    char name[PROCESS_PATH * 2U];

    (void)state;
    (void)snprintf(name, sizeof(name), "%s", program("dosegate-domain"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *argv[] = {name,
                              "--dir",
                              dir,
                              "--link",
                              "udp:127.0.0.1:9",
                              bad[i][0],
                              bad[i][1],
                              NULL};

        assert_int_equal(process_run(argv, NULL, text), 1);
        check_says(bad[i][2]);
    }

    char long_dir[300];

    memset(long_dir, 'x', sizeof(long_dir) - 1U);
    long_dir[sizeof(long_dir) - 1U] = '\0';

    const char *argv[] = {
        name, "--dir", long_dir, "--link", "udp:127.0.0.1:9", NULL};

    assert_int_equal(process_run(argv, NULL, text), 1);
    check_says("too long for a socket path");
}

/* the gateway ------------------------------------------------------------ */

static void test_domain__hostile_app__answered_and_bounded(void **state)
{
    int fd[9];
    char line[2000];

    (void)state;
    start_both("udp:", "off");
    for (size_t i = 0; i < 8U; i++) {
        fd[i] = process_connect(process_path(dir, "gateway.sock"));
        assert_true(fd[i] >= 0);

        json_t *reply =
            process_ask(fd[i], "{\"op\":\"bolus\",\"mU\":1.5}", 2000);

        assert_true(json_is_false(json_object_get(reply, "ok")));
        json_decref(reply);
    }
    fd[8] = process_connect(process_path(dir, "gateway.sock"));

    json_t *full = process_ask(fd[8], NULL, 2000);

    assert_non_null(
        strstr(json_string_value(json_object_get(full, "error")), "close one"));
    json_decref(full);
    memset(line, 'x', sizeof(line) - 1U);
    line[sizeof(line) - 1U] = '\0';

    json_t *too_long = process_ask(fd[0], line, 2000);

    assert_non_null(strstr(
        json_string_value(json_object_get(too_long, "error")), "one line"));
    json_decref(too_long);
    assert_null(process_ask(fd[0], "{\"op\":\"status\"}", 500)); /* closed */

    /* The others are served as before. */
    json_t *reply = process_ask(fd[1], "{\"op\":\"status\"}", ANSWER_MS);

    assert_string_equal(json_string_value(json_object_get(reply, "result")),
                        "unpaired");
    json_decref(reply);
    for (size_t i = 0; i < 9U; i++) {
        (void)close(fd[i]);
    }
}

static void test_domain__confirm_needs_the_right_ticket(void **state)
{
    (void)state;
    start_both("udp:", "off");
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);

    const int app = process_connect(process_path(dir, "gateway.sock"));
    const int display = process_connect(process_path(dir, "confirm.sock"));
    json_t *none = process_ask(display, "approve 0000000000000000", ANSWER_MS);

    assert_non_null(json_object_get(none, "error"));
    json_decref(none);
    (void)dprintf(app, "{\"op\":\"bolus\",\"mU\":100}\n");

    json_t *question = process_ask(display, NULL, ANSWER_MS);
    char line[64];

    assert_int_equal(json_integer_value(json_object_get(question, "amount_mU")),
                     100);
    none = process_ask(display, "approve 0000000000000000", ANSWER_MS);
    assert_non_null(json_object_get(none, "error"));
    json_decref(none);
    none = process_ask(display, "APPROVE everything", ANSWER_MS);
    assert_non_null(json_object_get(none, "error"));
    json_decref(none);
    (void)snprintf(line,
                   sizeof(line),
                   "approve %s",
                   json_string_value(json_object_get(question, "ticket")));
    json_decref(question);

    json_t *approved = process_ask(display, line, ANSWER_MS);

    assert_string_equal(json_string_value(json_object_get(approved, "show")),
                        "approved");
    json_decref(approved);

    json_t *reply = process_ask(app, NULL, ANSWER_MS);

    assert_true(json_is_true(json_object_get(reply, "ok")));
    json_decref(reply);
    (void)close(app);
    (void)close(display);
}

/* the link --------------------------------------------------------------- */

static void test_domain__tcp_link_and_device_restart__comes_back(void **state)
{
    char address[64];

    (void)state;
    start_device("tcp:", "real");
    (void)snprintf(address, sizeof(address), "%.60s", text);

    json_t *ready = start_domain(program("dosegate-domain"), address, "off");

    if (ready == NULL) {
        fail_msg("no domain: %s", text);
    }
    json_decref(ready);
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
    assert_int_equal(kill(device.pid, SIGKILL), 0);
    assert_int_equal(process_wait(&device, 5000, text), 128 + SIGKILL);
    assert_int_equal(cli("status", NULL, NULL, NULL), 1);
    check_says("does not answer");
    check_says("STALE");
    start_device(address, "real");
    (void)usleep(700000); /* the role tries every half second */
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
}

/* the loop --------------------------------------------------------------- */

static void read_key(const char *hex, struct dg_secret *key)
{
    assert_int_equal(strlen(hex), 2U * sizeof(key->byte));
    for (size_t i = 0; i < sizeof(key->byte); i++) {
        unsigned byte = 0;

        assert_int_equal(sscanf(&hex[2U * i], "%2x", &byte), 1);
        key->byte[i] = (uint8_t)byte;
    }
}

static void test_domain__sensor_frames__reach_the_pump_and_the_loop(
    void **state)
{
    struct dg_crypto crypto;
    struct dg_secret key;
    struct dg_link sensor;
    char why[DG_LINK_WHY_MAX];

    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    start_device("udp:", "driven");

    json_t *ready = start_domain(program("dosegate-domain"), text, "on");

    assert_non_null(ready);
    assert_int_equal(
        dg_link_open(&sensor,
                     json_string_value(json_object_get(ready, "sensor")),
                     DG_LINK_CLIENT,
                     why),
        DG_OK);
    json_decref(ready);
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);

    const int bench = process_connect(process_path(dir, "device/bench.sock"));
    const int app = process_connect(process_path(dir, "gateway.sock"));
    json_t *enrolled = process_ask(bench, "{\"op\":\"sensor\"}", ANSWER_MS);
    const uint32_t at_s =
        (uint32_t)(json_integer_value(json_object_get(enrolled, "now_s")) -
                   json_integer_value(json_object_get(enrolled, "start_s")));

    read_key(json_string_value(json_object_get(enrolled, "key")), &key);
    json_decref(enrolled);
    json_decref(process_ask(app, "{\"op\":\"watch\"}", ANSWER_MS));
    for (uint32_t i = 1; i <= 3U; i++) {
        /* The device believes a reading when others agree with it over nine
         * minutes, so that much of its time has to pass. */
        const struct dg_reading reading = {
            .sequence = i, .at = {at_s + (300U * i)}, .value = {220}};
        uint8_t room[DG_SENSOR_FRAME_MAX];
        dg_span frame;

        json_decref(
            process_ask(bench, "{\"op\":\"advance\",\"s\":300}", ANSWER_MS));
        assert_int_equal(
            dg_reading_write(&crypto, &key, &reading, DG_BUF_OF(room), &frame),
            DG_OK);
        assert_int_equal(dg_link_send(&sensor, NULL, frame), DG_OK);

        json_t *event = process_ask(app, NULL, ANSWER_MS);

        assert_string_equal(json_string_value(json_object_get(event, "event")),
                            "cycle");
        assert_int_equal(json_integer_value(json_object_get(event, "sequence")),
                         i);
        assert_string_equal(json_string_value(json_object_get(event, "result")),
                            (i < 3U) ? "held" : "ok");
        assert_int_equal(
            json_integer_value(json_object_get(event, "decided_mU")) > 0,
            i == 3U);
        json_decref(event);
    }
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
    check_says("220 mg/dL");
    (void)close(bench);
    (void)close(app);
    dg_link_close(&sensor);
    dg_crypto_openssl_free(&crypto);
}

/* Eight busy processes for each core.  A decision is owed in 300 s; the same
 * three cycles have to come within the time that they have without load. */
static void test_domain__machine_saturated__decides_all_the_same(void **state)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t count = 8U * (size_t)((cores > 0) ? cores : 1);
    pid_t hogs[8U * 64U];

    assert_true(count <= sizeof(hogs) / sizeof(hogs[0]));
    for (size_t i = 0; i < count; i++) {
        hogs[i] = fork();
        if (hogs[i] == 0) {
            (void)alarm(60); /* should this test fail and leave them */
            for (volatile unsigned turn = 0;; turn++) {
            }
        }
        assert_true(hogs[i] > 0);
    }
    test_domain__sensor_frames__reach_the_pump_and_the_loop(state);
    for (size_t i = 0; i < count; i++) {
        (void)kill(hogs[i], SIGKILL);
        (void)waitpid(hogs[i], NULL, 0);
    }
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_domain__a_day_at_the_front_door__works),
        ONE(test_domain__state_directory__is_ours_alone),
        ONE(test_domain__a_role_dies__all_end_and_it_is_named),
        ONE(test_domain__gateway_dies__therapy_goes_on),
        ONE(test_domain__link_dies__therapy_goes_on),
        ONE(test_domain__sigterm__ends_cleanly),
        ONE(test_domain__supervisor_killed__roles_die_with_it),
        ONE(test_domain__malformed_internal_message__names_who_sent_it),
        ONE(test_domain__same_directory_twice__refused),
        ONE(test_domain__options_that_are_wrong__told_what_to_write),
        ONE(test_domain__hostile_app__answered_and_bounded),
        ONE(test_domain__confirm_needs_the_right_ticket),
        ONE(test_domain__tcp_link_and_device_restart__comes_back),
        ONE(test_domain__sensor_frames__reach_the_pump_and_the_loop),
        ONE(test_domain__machine_saturated__decides_all_the_same),
    };

    (void)signal(SIGPIPE, SIG_IGN); /* a client that is closed on us */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
