/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask_word.h"
#include "place.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS 20000
#define PERSON_MS 120000
#define LINE_SIZE 128U

static const char help[] =
    "usage: dosegate phone [status | pin | page | export | erase] [OPTIONS]\n"
    "\n"
    "What this phone keeps, and who may approve on it.\n"
    "\n"
    "  status        where keys are kept, the fingerprint of the presence "
    "key,\n"
    "                and the state of the PIN (the default)\n"
    "  pin           set or change the PIN that approving wants, 4 to 12 "
    "digits\n"
    "  page          a link to the trusted display for one browser (dosegate "
    "up\n"
    "                --page on)\n"
    "  export        what is known here about the pump and its phones, as "
    "JSON\n"
    "  erase         end the domain, destroy the keys and everything sealed\n"
    "                under them; the pump has to be told separately\n"
    "\n"
    "  --dir DIR     state directory\n"
    "  --out FILE    export: write here (mode 600) and not to stdout\n"
    "  --keys PLACE  erase: as for dosegate up, where keys are in hardware\n"
    "  --presence-keys PLACE  erase: the same for the presence key\n"
    "  --yes         erase: do not ask\n";

struct phone {
    char dir[DG_CLI_PATH_MAX];
    const char *out;
    const char *keys;
    const char *presence_keys;
    bool yes;
};

static bool open_display(const struct phone *phone, struct dg_cli_talk *display)
{
    char path[DG_CLI_PATH_MAX];

    display->fd = -1;
    return dg_cli_join(phone->dir, "confirm.sock", path) &&
           dg_cli_talk_open(
               display, path, "the medical domain does not run: dosegate up");
}

/* A question may come in between: it is not ours to answer. */
static json_t *ask_display(struct dg_cli_talk *display, const char *line)
{
    json_t *answer = dg_cli_talk_ask(display, line, ANSWER_MS);

    while ((answer != NULL) &&
           (strcmp(dg_cli_text(answer, "show"), "presence") != 0) &&
           (strcmp(dg_cli_text(answer, "show"), "") != 0)) {
        json_decref(answer);
        answer = dg_cli_talk_hear(display, ANSWER_MS);
    }
    return answer;
}

static const char *pin_words(const json_t *presence)
{
    if (!json_is_true(json_object_get(presence, "pin"))) {
        return "none: whoever opens the display approves (dosegate phone pin)";
    }
    if (json_is_true(json_object_get(presence, "locked"))) {
        return "locked: nothing is approved here until dosegate phone erase "
               "and pairing anew";
    }
    return (dg_cli_int(presence, "wait_s") > 0) ? "set; wrong ones make it wait"
                                                : "set";
}

static int tell_status(const struct phone *phone)
{
    struct dg_cli_talk display;

    if (!open_display(phone, &display)) {
        return DG_CLI_FAILED;
    }

    json_t *presence = ask_display(&display, "presence");

    dg_cli_talk_close(&display);
    if (presence == NULL) {
        dg_cli_complain(NULL);
        return DG_CLI_FAILED;
    }
    (void)printf("Presence key: %s, in %s.\nFingerprint: %s\nPIN: %s.\n",
                 (strcmp(dg_cli_text(presence, "keys"), "weak") == 0)
                     ? "WEAK"
                     : "in hardware",
                 dg_cli_text(presence, "about"),
                 dg_cli_text(presence, "fingerprint"),
                 pin_words(presence));
    if (!json_is_true(json_object_get(presence, "counts"))) {
        (void)printf("This place cannot count tries: who puts old files back "
                     "can guess the PIN again.\n");
    }
    json_decref(presence);
    return DG_CLI_OK;
}

static bool read_new_pin(char pin[DG_CLI_WORD_MAX])
{
    char again[DG_CLI_WORD_MAX] = "";
    const bool same =
        dg_cli_ask_word("New PIN, 4 to 12 digits: ", false, PERSON_MS, pin) &&
        dg_cli_ask_word("Once more: ", false, PERSON_MS, again) &&
        (strcmp(pin, again) == 0);

    explicit_bzero(again, sizeof(again));
    if (!same) {
        (void)fprintf(stderr,
                      "dosegate phone: not twice the same PIN: nothing was "
                      "changed\n");
    }
    return same;
}

static int say_pin(struct dg_cli_talk *display, bool has_one)
{
    char before[DG_CLI_WORD_MAX] = "";
    char after[DG_CLI_WORD_MAX] = "";
    char line[LINE_SIZE];

    if ((has_one &&
         !dg_cli_ask_word("PIN so far: ", false, PERSON_MS, before)) ||
        !read_new_pin(after)) {
        return DG_CLI_FAILED;
    }
    (void)snprintf(
        line, sizeof(line), "pin %s%s%s", before, has_one ? " " : "", after);
    explicit_bzero(before, sizeof(before));
    explicit_bzero(after, sizeof(after));

    json_t *answer = ask_display(display, line);
    const bool done = json_object_get(answer, "done") != NULL;

    explicit_bzero(line, sizeof(line));
    if (done) {
        (void)printf("Approving wants this PIN now.  Stop, basal and the "
                     "pump's own buttons never do.\n");
    } else {
        dg_cli_complain(answer);
    }
    json_decref(answer);
    return done ? DG_CLI_OK : DG_CLI_FAILED;
}

static int set_pin(const struct phone *phone)
{
    struct dg_cli_talk display;

    if (!open_display(phone, &display)) {
        return DG_CLI_FAILED;
    }

    json_t *presence = ask_display(&display, "presence");
    const int code =
        (presence == NULL)
            ? DG_CLI_FAILED
            : say_pin(&display, json_is_true(json_object_get(presence, "pin")));

    json_decref(presence);
    dg_cli_talk_close(&display);
    return code;
}

static int tell_page(const struct phone *phone)
{
    struct dg_cli_talk display;

    if (!open_display(phone, &display)) {
        return DG_CLI_FAILED;
    }

    json_t *answer = ask_display(&display, "page");
    const char *link = dg_cli_text(answer, "page");

    dg_cli_talk_close(&display);
    if (link[0] == '\0') {
        dg_cli_complain(answer);
    } else {
        (void)printf("%s\nOpen it in a browser of this machine, once; it is of "
                     "no use to a second one.\n",
                     link);
    }

    const int code = (link[0] == '\0') ? DG_CLI_FAILED : DG_CLI_OK;

    json_decref(answer);
    return code;
}

/* export ------------------------------------------------------------------ */

static bool write_json(const struct phone *phone, const json_t *all)
{
    if (phone->out == NULL) {
        return json_dumpf(all, stdout, JSON_INDENT(1)) == 0;
    }

    const int file =
        open(phone->out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool done =
        (file >= 0) && (json_dumpfd(all, file, JSON_INDENT(1)) == 0);

    if (file >= 0) {
        (void)close(file);
    }
    if (!done) {
        (void)fprintf(stderr,
                      "dosegate phone: %s cannot be written: it must not be "
                      "there yet\n",
                      phone->out);
    }
    return done;
}

static int export_all(const struct phone *phone)
{
    struct dg_cli_talk gateway = {.fd = -1};
    struct dg_cli_talk display = {.fd = -1};
    json_t *all = json_object();
    bool done = false;

    if (dg_cli_gateway(&gateway, phone->dir) && open_display(phone, &display)) {
        (void)json_object_set_new(
            all,
            "status",
            dg_cli_talk_ask(&gateway, "{\"op\":\"status\"}", ANSWER_MS));
        (void)json_object_set_new(
            all,
            "phones",
            dg_cli_talk_ask(&gateway, "{\"op\":\"phones\"}", ANSWER_MS));
        (void)json_object_set_new(
            all, "presence", ask_display(&display, "presence"));
        done = write_json(phone, all);
    }
    if (done) {
        (void)fprintf(stderr,
                      "The pump's own history is in its journal: dosegate "
                      "journal.  No key is exported.\n");
    }
    json_decref(all);
    dg_cli_talk_close(&gateway);
    dg_cli_talk_close(&display);
    return done ? DG_CLI_OK : DG_CLI_FAILED;
}

/* erase ------------------------------------------------------------------- */

static bool is_sure(const struct phone *phone)
{
    char word[DG_CLI_WORD_MAX] = "";

    if (phone->yes) {
        return true;
    }
    (void)printf("This phone will never speak to its pump again; pair anew to "
                 "use it.\n");
    return dg_cli_ask_word("Write erase to go on: ", true, PERSON_MS, word) &&
           (strcmp(word, "erase") == 0);
}

/* dosegate-domain knows every key; it lies beside this program. */
static int run_erase(const struct phone *phone)
{
    char program[DG_CLI_PATH_MAX];
    const char *argv[8] = {"dosegate-domain", "--erase", "--dir", phone->dir};
    size_t count = 4;
    int status = -1;

    if (!dg_cli_program("dosegate-domain", program)) {
        (void)fprintf(stderr,
                      "dosegate phone: dosegate-domain is missing: it belongs "
                      "beside dosegate\n");
        return DG_CLI_FAILED;
    }
    if (phone->keys != NULL) {
        argv[count++] = "--keys";
        argv[count++] = phone->keys;
    }
    if (phone->presence_keys != NULL) {
        argv[count++] = "--presence-keys";
        argv[count++] = phone->presence_keys;
    }

    const pid_t pid = fork();

    if (pid == 0) {
        (void)execv(program, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if ((pid < 0) || (waitpid(pid, &status, 0) != pid) || !WIFEXITED(status) ||
        (WEXITSTATUS(status) != 0)) {
        (void)fprintf(stderr, "dosegate phone: not everything is gone\n");
        return DG_CLI_FAILED;
    }
    (void)printf(
        "Erased.  The pump still knows this phone, which can no longer "
        "speak for itself: revoke it at the pump, or with dosegate "
        "revoke on another owner's phone.\n");
    return DG_CLI_OK;
}

static int erase(const struct phone *phone)
{
    char verb[] = "down";
    char option[] = "--dir";
    char dir[DG_CLI_PATH_MAX];
    char *argv[] = {verb, option, dir, NULL};

    if (!is_sure(phone)) {
        (void)printf("Nothing was erased.\n");
        return DG_CLI_FAILED;
    }
    (void)snprintf(dir, sizeof(dir), "%s", phone->dir);
    return (dg_cli_down(3, argv) == DG_CLI_OK) ? run_erase(phone)
                                               : DG_CLI_FAILED;
}

int dg_cli_phone(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct phone *phone);
    } words[] = {{"status", tell_status},
                 {"pin", set_pin},
                 {"page", tell_page},
                 {"export", export_all},
                 {"erase", erase}};
    struct phone phone = {.yes = false};
    const char *asked = NULL;
    const char *word = NULL;
    const struct dg_cli_option options[] = {
        {"--dir", &asked, NULL},
        {"--out", &phone.out, NULL},
        {"--keys", &phone.keys, NULL},
        {"--presence-keys", &phone.presence_keys, NULL},
        {"--yes", NULL, &phone.yes}};
    const int read = dg_cli_options(argc, argv, help, options, 5, &word);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, phone.dir)) {
        return DG_CLI_FAILED;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp((word == NULL) ? "status" : word, words[i].name) == 0) {
            return words[i].run(&phone);
        }
    }
    (void)fprintf(
        stderr,
        "dosegate phone: write status, pin, page, export or erase, not "
        "'%.32s'\n",
        word);
    return DG_CLI_FAILED;
}
