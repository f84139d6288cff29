/* SPDX-License-Identifier: Apache-2.0 */
/* dosegate-attestd: evidence about a phone in, a short signed ticket out. */
#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attest/anchors.h"
#include "attest/service/files.h"
#include "attest/service/http.h"
#include "attest/service/key_file.h"
#include "attest/service/text.h"
#include "crypto_openssl.h"
#include "dosegate/cose.h"

#define STEP_MS    250
#define STOP_MS    3000
#define PRUNE_S    300
#define WHY_SIZE   400U
#define SHORT_SIZE 160U

enum { RAN = 0, COULD_NOT_RUN = 1 };

static const char usage[] =
    "usage: dosegate-attestd --key FILE --policy FILE --policy-key FILE\n"
    "                        --anchors FILE --anchors-key FILE [OPTIONS]\n"
    "\n"
    "The attestation service: takes what a phone's maker signed about it, "
    "over\n"
    "the pump's nonce, and signs the ticket that the pump takes.\n"
    "\n"
    "  --key FILE             private key that signs tickets (mode 0600)\n"
    "  --policy FILE          signed platform policy (dosegate policy sign)\n"
    "  --policy-key FILE      public key of the maker, who signs policies\n"
    "  --anchors FILE         signed roots and revocation list\n"
    "  --anchors-key FILE     public key of who signs anchors\n"
    "  --database WHERE       SQLite file (default attestd.db), or\n"
    "                         postgresql://... for several instances\n"
    "  --listen ADDRESS:PORT  default 127.0.0.1:8470; port 0 picks one\n"
    "  --proxy ADDRESS        believe X-Forwarded-For of this one peer\n"
    "  --peer-per-minute N    requests of one address, default 60\n"
    "  --subject-per-hour N   tickets of one phone, default 30\n"
    "  --connections N        open at once, default 256\n"
    "  --per-address N        of them from one address, default 32, 0: no "
    "limit\n"
    "  --request-seconds N    for one request, default 10\n"
    "  --log-subjects         write into the log which phone asked (a hash)\n"
    "  --check                read everything, say whether it is good, end\n"
    "  --ready-fd N           write one JSON line there when it runs\n"
    "  --help                 this\n"
    "\n"
    "SIGHUP reads policy and anchors anew; SIGTERM ends it.\n"
    "Exit: 0 ended by SIGTERM or SIGINT, 1 could not run.\n"
    "Research software, not a medical device.\n";

struct options {
    const char *key;
    const char *policy;
    const char *policy_key;
    const char *anchors;
    const char *anchors_key;
    const char *database;
    struct in_addr address;
    uint16_t port;
    struct dg_http_limits limits;
    uint32_t subject_per_h;
    bool tells_subjects;
    bool only_checks;
    int ready_fd;
};

/* All of it; static because it is large and there is one. */
struct service {
    struct options options;
    struct dg_crypto crypto;
    struct dg_secret secret;
    struct dg_public_key verifier;
    struct dg_public_key maker;
    struct dg_public_key anchors_key;
    struct dg_policy_list list[2]; /* the one in use, and the next */
    unsigned list_at;
    struct dg_anchors *anchors;
    struct dg_store store;
    struct dg_http http;
};

static struct service service;
static volatile sig_atomic_t is_ending;
static volatile sig_atomic_t is_reloading;

static void on_signal(int signal)
{
    if (signal == SIGHUP) {
        is_reloading = 1;
    } else {
        is_ending = 1;
    }
}

static bool complain(const char *what, const char *why)
{
    (void)fprintf(stderr, "dosegate-attestd: %s: %s\n", what, why);
    return false;
}

/* options ------------------------------------------------------------------ */

static bool take_listen(const char *text, struct options *options)
{
    const char *colon = strrchr(text, ':');
    char address[INET_ADDRSTRLEN] = "";
    uint64_t port = 0;

    if ((colon == NULL) || ((size_t)(colon - text) >= sizeof(address)) ||
        !dg_text_get_number(colon + 1, UINT16_MAX, &port)) {
        return complain("--listen", "write ADDRESS:PORT, as 127.0.0.1:8470");
    }
    memcpy(address, text, (size_t)(colon - text));
    if (inet_pton(AF_INET, address, &options->address) != 1) {
        return complain("--listen", "write an IPv4 address before the colon");
    }
    options->port = (uint16_t)port;
    return true;
}

static bool take_number(const char *name,
                        const char *text,
                        uint64_t min,
                        uint64_t max,
                        uint32_t *to)
{
    uint64_t value = 0;
    char why[SHORT_SIZE];

    if (!dg_text_get_number(text, max, &value) || (value < min)) {
        (void)snprintf(why,
                       sizeof(why),
                       "write a whole number from %llu to %llu",
                       (unsigned long long)min,
                       (unsigned long long)max);
        return complain(name, why);
    }
    *to = (uint32_t)value;
    return true;
}

static const struct option known[] = {
    {"key", required_argument, NULL, 'k'},
    {"policy", required_argument, NULL, 'p'},
    {"policy-key", required_argument, NULL, 'P'},
    {"anchors", required_argument, NULL, 'a'},
    {"anchors-key", required_argument, NULL, 'A'},
    {"database", required_argument, NULL, 'd'},
    {"listen", required_argument, NULL, 'l'},
    {"proxy", required_argument, NULL, 'x'},
    {"peer-per-minute", required_argument, NULL, 'm'},
    {"subject-per-hour", required_argument, NULL, 'u'},
    {"connections", required_argument, NULL, 'c'},
    {"per-address", required_argument, NULL, 'i'},
    {"request-seconds", required_argument, NULL, 's'},
    {"log-subjects", no_argument, NULL, 'L'},
    {"check", no_argument, NULL, 'C'},
    {"ready-fd", required_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool take_file(int letter, const char *text, struct options *options)
{
    switch (letter) {
    case 'k':
        options->key = text;
        return true;
    case 'p':
        options->policy = text;
        return true;
    case 'P':
        options->policy_key = text;
        return true;
    case 'a':
        options->anchors = text;
        return true;
    case 'A':
        options->anchors_key = text;
        return true;
    default:
        options->database = text;
        return true;
    }
}

static bool take_option(int letter, const char *text, struct options *options)
{
    struct dg_http_limits *limits = &options->limits;
    uint32_t number = 0;

    switch (letter) {
    case 'l':
        return take_listen(text, options);
    case 'x':
        return (inet_pton(AF_INET, text, &limits->proxy) == 1) ||
               complain("--proxy", "write an IPv4 address");
    case 'm':
        return take_number(
            "--peer-per-minute", text, 1, 1000000, &limits->peer_per_min);
    case 'u':
        return take_number(
            "--subject-per-hour", text, 1, 1000000, &options->subject_per_h);
    case 'c':
        return take_number(
            "--connections", text, 1, 10000, &limits->connections);
    case 'i':
        return take_number(
            "--per-address", text, 0, 10000, &limits->per_address);
    case 's':
        return take_number(
            "--request-seconds", text, 1, 600, &limits->request_s);
    case 'L':
        options->tells_subjects = true;
        return true;
    case 'C':
        options->only_checks = true;
        return true;
    case 'r':
        if (!take_number("--ready-fd", text, 1, 255, &number)) {
            return false;
        }
        options->ready_fd = (int)number;
        return true;
    case '?':
        (void)fputs(usage, stderr);
        return false;
    default:
        return take_file(letter, text, options);
    }
}

static bool has_all(const struct options *options)
{
    const struct {
        const char *name;
        const char *value;
    } needed[] = {{"--key", options->key},
                  {"--policy", options->policy},
                  {"--policy-key", options->policy_key},
                  {"--anchors", options->anchors},
                  {"--anchors-key", options->anchors_key}};

    for (size_t i = 0; i < (sizeof(needed) / sizeof(needed[0])); i++) {
        if (needed[i].value == NULL) {
            return complain(needed[i].name, "is missing: see --help");
        }
    }
    return true;
}

/* files -------------------------------------------------------------------- */

static int64_t now_s(void)
{
    return (int64_t)time(NULL);
}

/* A policy that is taken raises the version below which none is taken again,
 * here and on every other instance of this store. */
static bool load_policy(void)
{
    struct dg_policy_list *next = &service.list[1U - service.list_at];
    char why[WHY_SIZE];
    dg_buf file = {NULL, 0U};
    uint32_t highest = 0;

    if (dg_file_slurp(service.options.policy,
                      DG_POLICY_LIST_SIZE_MAX + DG_COSE_SIGN1_OVERHEAD_MAX,
                      &file,
                      why) != DG_OK) {
        return complain("--policy", why);
    }
    if (dg_store_raise(&service.store, "policy", 0U, &highest) != DG_OK) {
        free(file.at);
        return complain("--database", service.store.db.why);
    }

    const enum dg_status status =
        dg_policy_list_open(&service.crypto,
                            &service.maker,
                            (dg_span){file.at, file.capacity},
                            now_s(),
                            highest,
                            next,
                            why);

    free(file.at);
    if (status != DG_OK) {
        return complain(service.options.policy, why);
    }
    if (dg_store_raise(&service.store, "policy", next->version, &highest) !=
        DG_OK) {
        return complain("--database", service.store.db.why);
    }
    service.list_at = 1U - service.list_at;
    service.http.issuer.list = next;
    return true;
}

static bool load_anchors(void)
{
    struct dg_anchors *next = NULL;
    char why[WHY_SIZE];
    dg_buf file = {NULL, 0U};
    uint32_t highest = 0;

    if (dg_file_slurp(
            service.options.anchors, DG_ANCHORS_SIZE_MAX, &file, why) !=
        DG_OK) {
        return complain("--anchors", why);
    }
    if (dg_store_raise(&service.store, "anchors", 0U, &highest) != DG_OK) {
        free(file.at);
        return complain("--database", service.store.db.why);
    }

    const enum dg_status status =
        dg_anchors_open(&service.crypto,
                        &service.anchors_key,
                        (dg_span){file.at, file.capacity},
                        now_s(),
                        highest,
                        &next,
                        why);

    free(file.at);
    if (status != DG_OK) {
        return complain(service.options.anchors, why);
    }

    const struct dg_anchors_head head = dg_anchors_head(next);

    if (dg_store_raise(&service.store, "anchors", head.version, &highest) !=
        DG_OK) {
        dg_anchors_free(next);
        return complain("--database", service.store.db.why);
    }
    dg_anchors_free(service.anchors);
    service.anchors = next;
    service.http.issuer.anchors = next;
    service.http.anchors_expire_s = head.expires_s;
    return true;
}

static bool load_keys(void)
{
    const struct options *options = &service.options;
    char why[DG_KEY_FILE_WHY_MAX];

    if (dg_key_file_read(&service.crypto,
                         options->key,
                         &service.secret,
                         &service.verifier,
                         why) != DG_OK) {
        return complain("--key", why);
    }
    if (dg_key_file_read_public(options->policy_key, &service.maker, why) !=
        DG_OK) {
        return complain("--policy-key", why);
    }
    if (dg_key_file_read_public(
            options->anchors_key, &service.anchors_key, why) != DG_OK) {
        return complain("--anchors-key", why);
    }
    return true;
}

/* life --------------------------------------------------------------------- */

static bool prepare(void)
{
    const struct options *options = &service.options;

    if (dg_crypto_openssl_init(&service.crypto) != DG_OK) {
        return complain("crypto", "this OpenSSL lacks what we need");
    }
    if (!load_keys()) {
        return false;
    }
    if (dg_store_open(&service.store, options->database) != DG_OK) {
        return complain("--database", service.store.db.why);
    }
    service.http.issuer.crypto = &service.crypto;
    service.http.issuer.store = &service.store;
    service.http.issuer.secret = &service.secret;
    service.http.issuer.subject_per_h = options->subject_per_h;
    service.http.limits = options->limits;
    service.http.tells_subjects = options->tells_subjects;
    service.http.log = stderr;
    service.http.started_s = now_s();
    return load_policy() && load_anchors();
}

static void tell_ready(uint16_t port)
{
    char address[INET_ADDRSTRLEN] = "";

    (void)inet_ntop(
        AF_INET, &service.options.address, address, sizeof(address));
    if (service.options.ready_fd > 0) {
        (void)dprintf(service.options.ready_fd,
                      "{\"url\":\"http://%s:%u\",\"policy\":%lu}\n",
                      address,
                      (unsigned)port,
                      (unsigned long)service.http.issuer.list->version);
    }
    (void)fprintf(stderr,
                  "listening on %s:%u, policy version %lu, store %s\n",
                  address,
                  (unsigned)port,
                  (unsigned long)service.http.issuer.list->version,
                  service.store.db.kind->name);
}

static void reload(void)
{
    is_reloading = 0;

    /* Each on its own: what cannot be taken leaves what was there. */
    const bool has_policy = load_policy();
    const bool has_anchors = load_anchors();

    (void)fprintf(stderr,
                  "read anew: policy %s (version %lu), anchors %s\n",
                  has_policy ? "taken" : "kept",
                  (unsigned long)service.http.issuer.list->version,
                  has_anchors ? "taken" : "kept");
}

static bool serve(void)
{
    char why[SHORT_SIZE] = "";
    uint16_t port = 0;
    int64_t prune_at_s = 0;
    bool is_well = true;

    if (dg_http_start(&service.http,
                      service.options.address,
                      service.options.port,
                      &port,
                      why) != DG_OK) {
        return complain("--listen", why);
    }
    tell_ready(port);
    while ((is_ending == 0) && is_well) {
        if (is_reloading != 0) {
            reload();
        }
        if (now_s() >= prune_at_s) {
            prune_at_s = now_s() + PRUNE_S;
            if (dg_store_prune(&service.store, now_s()) != DG_OK) {
                (void)fprintf(
                    stderr, "store failed: %s\n", service.store.db.why);
            }
        }
        is_well = dg_http_step(&service.http, STEP_MS);
    }
    dg_http_stop(&service.http, STOP_MS);
    (void)fprintf(stderr, "ended\n");
    return is_well || complain("http", "the listening socket broke down");
}

static void forget(void)
{
    dg_anchors_free(service.anchors);
    dg_store_close(&service.store);
    dg_key_file_wipe(&service.secret);
    dg_crypto_openssl_free(&service.crypto);
}

int main(int argc, char **argv)
{
    struct options *options = &service.options;
    struct sigaction act = {.sa_handler = on_signal};
    int letter = 0;

    /* source of the limits: ours.  A phone needs one ticket in an hour at the
     * most often (core/authority.c, package low). */
    *options = (struct options){.database = "attestd.db",
                                .port = 8470,
                                .subject_per_h = 30U,
                                .limits = {.peer_per_min = 60U,
                                           .connections = 256U,
                                           .per_address = 32U,
                                           .request_s = 10U}};
    options->address.s_addr = htonl(INADDR_LOOPBACK);
    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (letter == 'h') {
            (void)fputs(usage, stdout);
            return RAN;
        }
        if (!take_option(letter, optarg, options)) {
            return COULD_NOT_RUN;
        }
    }
    if (optind < argc) {
        (void)complain(argv[optind], "is no option: see --help");
        return COULD_NOT_RUN;
    }
    if (!has_all(options)) {
        return COULD_NOT_RUN;
    }
    (void)sigaction(SIGTERM, &act, NULL);
    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGHUP, &act, NULL);
    (void)signal(SIGPIPE, SIG_IGN);

    bool is_well = prepare();

    if (is_well && options->only_checks) {
        (void)printf("policy version %lu and anchors are good\n",
                     (unsigned long)service.http.issuer.list->version);
    } else if (is_well) {
        is_well = serve();
    }
    forget();
    return is_well ? RAN : COULD_NOT_RUN;
}
