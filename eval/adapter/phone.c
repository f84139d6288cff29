/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/phone.h"

#include "eval/adapter/words.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TREE_FDS 16

const char *dg_phone_start(struct dg_bench_phone *phone,
                           const char *bin,
                           int patience_ms)
{
    return phone->is_app ? dg_app_start(&phone->app,
                                        bin,
                                        phone->dir,
                                        phone->via,
                                        phone->is_loop,
                                        phone->isf)
                         : dg_bare_start(&phone->bare, phone->via, patience_ms);
}

void dg_phone_attest(struct dg_bench_phone *phone)
{
    if ((phone->unit == NULL) || phone->unit->is_off || phone->is_off ||
        phone->is_frozen) {
        return;
    }
    phone->shown_s = 0;
    if (phone->is_app) {
        dg_app_attest(&phone->app, phone->unit);
    } else {
        dg_bare_attest(&phone->bare);
    }
}

void dg_phone_attest_if_old(struct dg_bench_phone *phone)
{
    if (phone->shown_s >= DG_PHONE_RENEW_S) {
        dg_phone_attest(phone);
    }
}

/* Power ------------------------------------------------------------------- */

/* The app's processes: a supervisor and its children. */
void dg_phone_signal(pid_t supervisor, int what)
{
    char path[96];
    long child = 0;

    (void)snprintf(path,
                   sizeof path,
                   "/proc/%d/task/%d/children",
                   (int)supervisor,
                   (int)supervisor);

    FILE *children = fopen(path, "re");

    /* Who supervises goes to sleep first and wakes last: it would take a child
     * that does not answer for dead. */
    if (what == SIGSTOP) {
        (void)kill(supervisor, what);
    }
    while ((children != NULL) && (fscanf(children, "%ld", &child) == 1)) {
        (void)kill((pid_t)child, what);
    }
    if (what != SIGSTOP) {
        (void)kill(supervisor, what);
    }
    if (children != NULL) {
        (void)fclose(children);
    }
}

static int remove_one(const char *path,
                      const struct stat *about,
                      int type,
                      struct FTW *where)
{
    (void)about;
    (void)type;
    (void)where;
    return remove(path);
}

static void turn_off(struct dg_bench_phone *phone)
{
    if (phone->is_app) {
        if (phone->is_frozen) {
            dg_phone_signal(phone->app.child.pid, SIGCONT);
        }
        dg_app_kill(&phone->app);
    } else {
        dg_bare_forget_session(&phone->bare);
    }
    phone->is_off = true;
    phone->is_frozen = false;
}

static const char *turn_on(struct dg_bench_phone *phone,
                           const char *bin,
                           int patience_ms)
{
    const char *problem = NULL;

    if (!phone->is_off) {
        return "the phone is on";
    }
    if (phone->is_app || !phone->bare.is_made) {
        problem = dg_phone_start(phone, bin, patience_ms);
    }
    phone->is_off = problem != NULL;
    phone->shown_s = DG_PHONE_RENEW_S;
    return problem;
}

static void wipe(struct dg_bench_phone *phone)
{
    turn_off(phone);
    if (phone->is_app) {
        (void)nftw(phone->dir, remove_one, TREE_FDS, FTW_DEPTH | FTW_PHYS);
    } else {
        dg_bare_stop(&phone->bare);
    }
    phone->unit = NULL;
}

static void freeze(struct dg_bench_phone *phone, bool is_frozen)
{
    if (phone->is_app && !phone->is_off && (phone->is_frozen != is_frozen)) {
        dg_phone_signal(phone->app.child.pid, is_frozen ? SIGSTOP : SIGCONT);
    }
    phone->is_frozen = is_frozen;
}

json_t *dg_phone_power(struct dg_bench_phone *phone,
                       const json_t *request,
                       const char *bin,
                       int patience_ms)
{
    const char *how = json_string_value(json_object_get(request, "how"));
    const char *problem = NULL;

    if (how == NULL) {
        problem = "needs \"how\": kill, freeze, thaw, wipe or start";
    } else if (strcmp(how, "kill") == 0) {
        turn_off(phone);
    } else if (strcmp(how, "freeze") == 0) {
        freeze(phone, true);
    } else if (strcmp(how, "thaw") == 0) {
        freeze(phone, false);
    } else if (strcmp(how, "wipe") == 0) {
        wipe(phone);
    } else if (strcmp(how, "start") == 0) {
        problem = turn_on(phone, bin, patience_ms);
    } else {
        problem = "\"how\" is kill, freeze, thaw, wipe or start";
    }
    return (problem == NULL) ? dg_words_result("done")
                             : dg_words_failure(problem);
}
