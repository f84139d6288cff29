/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "domain/channel.h"
#include "domain/service.h"

/* A role in a process that was handed everything: it says ready, takes a message
 * of its peer, answers, and is confined. */

static enum dg_status init(int argc,
                           char **argv,
                           struct dg_sandbox_grants *grants,
                           struct dg_role_report *report)
{
    (void)argc;
    (void)argv;
    (void)grants;
    (void)report;
    return DG_OK;
}

/* What link would do with a datagram out: here it comes back in. */
static enum dg_status message(enum dg_role_id peer,
                              const struct dg_internal *got)
{
    struct dg_internal back = *got;

    back.type = DG_INTERNAL_DATAGRAM_IN;
    dg_role_send(peer, &back);
    if (got->as.datagram.byte[0] == 'x') {
        (void)socket(AF_INET, SOCK_STREAM, 0); /* is its last call */
    }
    return DG_OK;
}

static int64_t tick(int64_t now_ms)
{
    (void)now_ms;
    return DG_ROLE_NEVER;
}

static _Noreturn void be_service(const struct dg_service *service)
{
    static const struct dg_role_program program = {
        .id = DG_ROLE_ID_LINK, .init = init, .message = message, .tick = tick};
    char *argv[] = {(char[]){"link"}, (char[]){"--isolation"}, NULL, NULL};

    argv[2] = (char *)(uintptr_t)service->confinement;
    if (dg_service_adopt(service) != DG_OK) {
        _exit(99);
    }
    _exit(dg_role_run(&program, 3, argv));
}

static void wait_for(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&entry, 1, 5000), 1);
}

static struct dg_service service_of(int pair[2], int report[2])
{
    struct dg_service service = {.role = DG_ROLE_ID_LINK,
                                 .confinement = "linux"};

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    assert_int_equal(pipe2(report, O_CLOEXEC), 0);
    memset(service.channel, -1, sizeof(service.channel));
    service.channel[DG_ROLE_ID_KEYS] = pair[1];
    service.report = report[1];
    return service;
}

/* @verifies{FPT_SEP.1@1} */
static void test_service__handed_its_channels__works_and_is_confined(
    void **state)
{
    int pair[2];
    int report[2];
    const struct dg_service service = service_of(pair, report);
    struct dg_role_report ready;
    struct dg_channel keys;
    struct dg_internal packet = {.type = DG_INTERNAL_DATAGRAM_OUT,
                                 .as.datagram = {.size = 1, .byte = {'x'}}};
    int status = 0;
    const pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        be_service(&service);
    }
    wait_for(report[0]);
    assert_int_equal(read(report[0], &ready, sizeof(ready)), sizeof(ready));
    assert_int_equal(ready.says, DG_ROLE_SAYS_READY);
    assert_int_equal(ready.role, DG_ROLE_ID_LINK);
    dg_channel_open(&keys, pair[0], DG_ROLE_ID_KEYS, DG_ROLE_ID_LINK);
    assert_int_equal(dg_channel_send(&keys, &packet), DG_OK);
    wait_for(pair[0]);
    assert_int_equal(dg_channel_receive(&keys, &packet), DG_OK);
    assert_int_equal(packet.as.datagram.byte[0], 'x');
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS));
    (void)close(pair[0]);
    (void)close(pair[1]);
    (void)close(report[0]);
    (void)close(report[1]);
}

static void test_service__a_channel_too_few_or_too_many__refused(void **state)
{
    int pair[2];
    int report[2];
    struct dg_service service = service_of(pair, report);

    (void)state;
    service.channel[DG_ROLE_ID_THERAPY] = pair[0];
    assert_int_equal(dg_service_adopt(&service), DG_E_USAGE);
    service.channel[DG_ROLE_ID_THERAPY] = -1;
    service.channel[DG_ROLE_ID_KEYS] = -1;
    assert_int_equal(dg_service_adopt(&service), DG_E_USAGE);
    service.channel[DG_ROLE_ID_KEYS] = pair[1];
    service.report = -1;
    assert_int_equal(dg_service_adopt(&service), DG_E_USAGE);
    service.report = report[1];
    service.role = DG_ROLE_ID_SUPERVISOR;
    assert_int_equal(dg_service_adopt(&service), DG_E_USAGE);
    assert_int_equal(dg_service_adopt(NULL), DG_E_USAGE);
    (void)close(pair[0]);
    (void)close(pair[1]);
    (void)close(report[0]);
    (void)close(report[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_service__handed_its_channels__works_and_is_confined),
        cmocka_unit_test(test_service__a_channel_too_few_or_too_many__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
