/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/evaluation.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "eval/against.h"
#include "eval/contract.h"
#include "eval/derived.h"
#include "eval/digest.h"
#include "eval/earlier.h"
#include "eval/file.h"
#include "eval/lab_token.h"
#include "eval/record.h"
#include "eval/scratch.h"
#include "eval/sequence.h"
#include "eval/tell.h"

#define TABLE_MAX (256U * 1024U)

static bool complain(const char *what, const char *why)
{
    (void)fprintf(stderr, "dosegate: %s: %s\n", what, why);
    return false;
}

static const char *utc_now(struct dg_run *run)
{
    const time_t now = time(NULL);
    struct tm parts;
    char text[32];

    (void)gmtime_r(&now, &parts);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return dg_run_text(run, text);
}

/* Spec -------------------------------------------------------------------- */

static bool read_table(struct dg_evaluation *evaluation)
{
    char path[640];
    struct dg_problem problem;
    dg_span yaml = {NULL, 0U};

    (void)snprintf(path,
                   sizeof path,
                   "%s/rating/cem-3.1r5.yaml",
                   evaluation->options->spec);
    if (dg_file_read(path, TABLE_MAX, &yaml, &problem) != DG_OK) {
        return complain(path, problem.text);
    }

    enum dg_status status =
        dg_run_set_table(&evaluation->run, &evaluation->crypto, yaml, &problem);

    if (status == DG_OK) {
        status = dg_run_set_table(
            &evaluation->calibration, &evaluation->crypto, yaml, &problem);
    }
    dg_file_free(yaml);
    return (status == DG_OK) || complain(path, problem.text);
}

static bool read_spec(struct dg_evaluation *evaluation)
{
    const struct dg_evaluate_options *options = evaluation->options;
    char path[640];
    struct dg_problem problem;

    if (!read_table(evaluation)) {
        return false;
    }
    (void)snprintf(path, sizeof path, "%s/catalogue", options->spec);
    if (dg_catalogue_open(
            path, &evaluation->run.table, &evaluation->catalogue, &problem) !=
        DG_OK) {
        return complain("catalogue", problem.text);
    }
    (void)snprintf(path, sizeof path, "%s/features.yaml", options->spec);
    if (dg_feature_list_open(path, &evaluation->features, &problem) != DG_OK) {
        return complain("features", problem.text);
    }
    if (options->calibrate &&
        (dg_flawed_open(options->flawed, &evaluation->flawed, &problem) !=
         DG_OK)) {
        return complain("flawed products", problem.text);
    }
    return true;
}

/* Product ----------------------------------------------------------------- */

static const char *text_of(struct dg_run *run,
                           const json_t *object,
                           const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return dg_run_text(run, (text == NULL) ? "" : text);
}

/* In the words of the label: what a phone alone can do comes first. */
static void add_caps(struct dg_run *run, const json_t *caps)
{
    static const struct {
        const char *tier;
        const char *first; /* before the first of the tier, and */
        const char *other; /* before the others                 */
    } tiers[] = {{"automatic", "without a person: ", ""},
                 {"confirmed", "confirmed, ", "confirmed, "},
                 {"total", "in all, ", "in all, "}};
    static const char *const keys[] = {
        "dose_mU", "5min_mU", "1h_mU", "4h_mU", "24h_mU"};
    static const char *const words[] = {
        "one dose", "any 5 min", "any hour", "any 4 hours", "any 24 hours"};

    for (size_t tier = 0U; tier < 3U; tier++) {
        const json_t *own = json_object_get(caps, tiers[tier].tier);

        for (size_t i = 0U; i < 5U; i++) {
            const json_t *value = json_object_get(own, keys[i]);
            char name[64];

            (void)snprintf(name,
                           sizeof name,
                           "%s%s",
                           (i == 0U) ? tiers[tier].first : tiers[tier].other,
                           words[i]);
            if (json_is_integer(value)) {
                dg_run_add_cap(run, name, (uint64_t)json_integer_value(value));
            }
        }
    }
}

/* What else the maker states, for the label. */
static void add_claims(struct dg_run *run, json_t *claims)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(claims, name, value)
    {
        if (dg_contract_may_claim(name)) {
            dg_run_add_claim(run, name, json_string_value(value));
        }
    }
}

static void fill_product(struct dg_run *run,
                         const json_t *hello,
                         const char *product)
{
    struct dg_run_product *to = &run->product;
    const json_t *interfaces = json_object_get(hello, "interfaces");
    size_t index = 0U;
    json_t *item = NULL;

    to->name = text_of(run, hello, "name");
    if (product != NULL) {
        to->name = dg_run_textf(run, "%s (%s)", to->name, product);
    }
    to->maker = text_of(run, hello, "maker");
    to->version = text_of(run, hello, "version");
    to->firmware_digest = text_of(run, hello, "firmware_digest");
    to->function_class = text_of(run, hello, "function_class");
    to->platform = text_of(run, hello, "platform");
    to->phone_lost = text_of(run, hello, "phone_lost");
    to->phone_starved = text_of(run, hello, "phone_starved");
    to->update_mode = text_of(run, hello, "update_mode");
    to->support_end = text_of(run, hello, "support_end");
    to->contact = text_of(run, hello, "contact");
    json_array_foreach(interfaces, index, item)
    {
        dg_run_add_line(run, &to->interfaces, json_string_value(item));
    }
    add_claims(run, json_object_get(hello, "claims"));
}

/* Which tests apply rests on these words, so the run file keeps them. */
static void add_features(struct dg_run *run, const struct dg_claims *claims)
{
    char words[1024] = "";
    size_t used = 0U;

    for (size_t i = 0U; i < claims->count; i++) {
        const int size = snprintf(&words[used],
                                  sizeof words - used,
                                  "%s%s",
                                  (i == 0U) ? "" : ", ",
                                  claims->features[i]);

        if ((size < 0) || ((size_t)size >= (sizeof words - used))) {
            break;
        }
        used += (size_t)size;
    }
    if (claims->is_said) {
        dg_run_add_claim(run, "features", words);
    }
}

/* Meet the product once: who it is, and what it declares when it runs. */
static bool meet_product(struct dg_evaluation *evaluation)
{
    static struct dg_contract contract;
    const char *path = evaluation->adapter;
    char dir[128];
    const char *error = NULL;
    enum dg_keeper_end end = DG_KEEPER_UNDECIDED;
    struct dg_problem problem;

    (void)snprintf(dir, sizeof dir, "%s/hello", evaluation->scratch);
    if (!dg_contract_open(&contract,
                          path,
                          NULL,
                          dir,
                          NULL,
                          evaluation->options->patience_ms)) {
        return complain(
            path,
            "no such adapter, or not a program; see eval/flawed for names of "
            "products");
    }
    evaluation->hello = dg_contract_hello(&contract);
    evaluation->start = dg_contract_ask(
        &contract,
        json_pack(
            "{s:s, s:s, s:s}", "op", "start", "unit", "x", "person", "adult"),
        NULL);
    error = json_string_value(json_object_get(evaluation->start, "error"));
    end = dg_contract_close(&contract);
    if (contract.why[0] != '\0') {
        return complain(path, contract.why);
    }
    if (!json_is_true(json_object_get(evaluation->start, "ok"))) {
        return complain(path, error);
    }
    if (end != DG_KEEPER_WELL) {
        (void)fprintf(stderr,
                      "dosegate: %s: after its first start the adapter %s\n",
                      path,
                      dg_keeper_end_text(end));
        return false;
    }
    fill_product(
        &evaluation->run, evaluation->hello, evaluation->options->product);
    add_caps(&evaluation->run, json_object_get(evaluation->start, "caps"));
    if (dg_claims_read(evaluation->hello,
                       &evaluation->features,
                       &evaluation->run.arena,
                       &evaluation->claims,
                       &problem) != DG_OK) {
        return complain(path, problem.text);
    }
    dg_against_product(evaluation, evaluation->hello);
    add_features(&evaluation->run, &evaluation->claims);
    return true;
}

/* Nothing is known of it but where it listens. */
static bool meet_black_box(struct dg_evaluation *evaluation)
{
    struct dg_run_product *product = &evaluation->run.product;

    product->name = dg_run_textf(&evaluation->run,
                                 "Unknown product at %s",
                                 evaluation->options->black_box);
    product->version = "not known";
    product->function_class = "black box, without an adapter";
    return true;
}

static bool is_whole_run(const struct dg_evaluate_options *options)
{
    return (options->only == NULL) && (options->retry == NULL) &&
           (options->resume == NULL);
}

/* The package that was asked for, else the one that the profile names first,
 * from its file beside it; the profile has to name it. */
static const char *package_of(const struct dg_evaluation *evaluation)
{
    const struct dg_words *packages = &evaluation->profile.packages;
    const char *wanted = evaluation->has_target ? evaluation->target.package.id
                                                : evaluation->options->package;

    for (size_t i = 0U; i < packages->count; i++) {
        if ((wanted == NULL) || (strcmp(wanted, packages->item[i]) == 0)) {
            return packages->item[i];
        }
    }
    return NULL;
}

/* The target was checked against the file that it names; what is evaluated is
 * the one beside the profile. */
static bool is_what_target_pins(const struct dg_evaluation *evaluation,
                                const char *digest)
{
    const char *pinned =
        evaluation->has_target ? evaluation->target.package.sha256 : "";

    return (pinned[0] == '\0') || (strcmp(pinned, digest) == 0);
}

static bool fill_package(struct dg_evaluation *evaluation)
{
    struct dg_run *run = &evaluation->run;
    struct dg_run_head *head = &run->head;
    const struct dg_profile *profile = &evaluation->profile;
    const char *chosen = package_of(evaluation);
    struct dg_profile package;
    struct dg_problem problem;
    char path[640] = "";
    char digest[65] = "";
    bool is_pinned = true;

    if (chosen == NULL) {
        if (profile->packages.count == 0U) {
            return complain(profile->file,
                            "the profile names no package; to lay a phone's "
                            "profile beside ours: dosegate profile platform");
        }
        return complain(profile->file,
                        "'packages' of the profile does not name it: choose "
                        "one that it names, or write packages: [...]");
    }
    dg_profile_package_path(profile, chosen, path, sizeof path);

    const enum dg_status status = dg_profile_open(path, &package, &problem);

    if ((status == DG_OK) && dg_digest_file(path, digest)) {
        is_pinned = is_what_target_pins(evaluation, digest);
        head->package_id = dg_run_text(run, package.id);
        head->package_title = dg_run_text(run, package.title);
        head->package_digest = dg_run_text(run, digest);
        /* A few tests alone say nothing about a level. */
        head->van_claimed =
            is_whole_run(evaluation->options) ? dg_profile_van(&package) : 0U;
    }
    dg_profile_free(&package);
    return ((status == DG_OK) || complain(path, problem.text)) &&
           (is_pinned ||
            complain(path,
                     "another package than the security target's: its SHA-256 "
                     "is not the one that the target pins"));
}

static bool fill_profile(struct dg_evaluation *evaluation)
{
    struct dg_run *run = &evaluation->run;
    struct dg_run_head *head = &run->head;
    struct dg_profile *profile = &evaluation->profile;
    const char *wanted = evaluation->has_target ? evaluation->target_profile
                         : (evaluation->options->profile != NULL)
                             ? evaluation->options->profile
                             : "connected-device";
    struct dg_problem problem;
    char path[1280];
    char digest[65] = "";

    if (strpbrk(wanted, "/.") != NULL) {
        (void)snprintf(path, sizeof path, "%s", wanted);
    } else {
        (void)snprintf(path,
                       sizeof path,
                       "%s/profiles/%s.yaml",
                       evaluation->options->spec,
                       wanted);
    }

    const enum dg_status status = dg_profile_open(path, profile, &problem);

    if ((status == DG_OK) && dg_digest_file(path, digest)) {
        head->profile_id = dg_run_text(run, profile->id);
        head->profile_version = dg_run_text(run, profile->version);
        head->profile_title = dg_run_text(run, profile->title);
        head->profile_digest = dg_run_text(run, digest);
    }
    return ((status == DG_OK) || complain(path, problem.text)) &&
           fill_package(evaluation);
}

static void fill_head(struct dg_evaluation *evaluation)
{
    struct dg_run *run = &evaluation->run;
    struct dg_run_head *head = &run->head;
    struct utsname host;

    head->seed = evaluation->options->seed;
    head->tier = !is_whole_run(evaluation->options) ? DG_RUN_CHOSEN
                 : evaluation->options->is_full     ? "full"
                                                    : "fast";
    head->evaluator = dg_run_text(run, evaluation->options->evaluator);
    head->tool_version = DG_TOOL_VERSION;
    head->started = utc_now(run);
    head->ended = head->started;
    head->laboratory = "the user of this bench; not an approved laboratory";
    head->status = "not registered";
    if (uname(&host) == 0) {
        head->host = dg_run_textf(run,
                                  "%s %s, %s, %ld processors",
                                  host.sysname,
                                  host.release,
                                  host.machine,
                                  sysconf(_SC_NPROCESSORS_ONLN));
    }
}

/* Where results go, and the key that signs them: found out before the first
 * attack, not after the last. */
static bool open_output(const struct dg_evaluation *evaluation)
{
    const char *out = evaluation->options->out;

    return ((mkdir(out, 0755) == 0) || (errno == EEXIST)) ||
           complain(out, strerror(errno));
}

static bool open_key(struct dg_evaluation *evaluation)
{
    const struct dg_evaluate_options *options = evaluation->options;
    const char *name = options->key;
    struct dg_problem problem;
    char path[640];

    /* What an adapter left behind, with our rights, reads no key from here. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)snprintf(path, sizeof path, "%s/lab.key", options->state);
    name = (name == NULL) ? path : name;
    if (dg_lab_any_open(&evaluation->crypto,
                        name,
                        options->pin_file,
                        &evaluation->key,
                        &problem) != DG_OK) {
        return complain("lab key", problem.text);
    }
    /* Of a key in a token, the public half lies in the state folder too. */
    dg_lab_public_beside(&evaluation->key,
                         dg_lab_token_is_uri(name) ? path : name,
                         evaluation->public_key);
    return true;
}

/* Another vendor's, that of a flawed product, or our own. */
static void choose_adapter(struct dg_evaluation *evaluation)
{
    const struct dg_evaluate_options *options = evaluation->options;

    if (options->adapter != NULL) {
        (void)snprintf(evaluation->adapter,
                       sizeof evaluation->adapter,
                       "%s",
                       options->adapter);
        return;
    }
    (void)snprintf(evaluation->adapter,
                   sizeof evaluation->adapter,
                   "%s%s%s/dosegate-adapter-device",
                   options->programs,
                   (options->product == NULL) ? "" : "/../",
                   (options->product == NULL) ? "" : options->product);
}

static bool select_tests(struct dg_evaluation *evaluation)
{
    const struct dg_evaluate_options *options = evaluation->options;
    const struct dg_profile *profile = &evaluation->profile;
    struct dg_problem problem;
    struct dg_asked *asked = NULL;
    const size_t count =
        dg_profile_asked(profile, &evaluation->run.arena, &asked);
    const struct dg_selection_basis basis = {profile->id,
                                             asked,
                                             count,
                                             profile->mandatory.item,
                                             profile->mandatory.count,
                                             is_whole_run(options) &&
                                                 !options->is_full};

    if (asked == NULL) {
        return complain("selection of tests", "memory is out");
    }
    return (dg_selection_make(&evaluation->catalogue,
                              &basis,
                              &evaluation->features,
                              &evaluation->claims,
                              &evaluation->selection,
                              &problem) == DG_OK) ||
           complain("selection of tests", problem.text);
}

bool dg_evaluation_meet(struct dg_evaluation *evaluation)
{
    (void)signal(SIGPIPE, SIG_IGN);
    dg_run_init(&evaluation->run);
    dg_run_init(&evaluation->calibration);
    dg_run_init(&evaluation->earlier);
    choose_adapter(evaluation);
    if (dg_crypto_openssl_init(&evaluation->crypto) != DG_OK) {
        return complain("OpenSSL", "no usable libcrypto 3");
    }
    if (!dg_scratch_make(evaluation->scratch)) {
        return complain("scratch folder", strerror(errno));
    }
    if (!read_spec(evaluation) || !dg_against_open(evaluation) ||
        !((evaluation->options->black_box != NULL)
              ? meet_black_box(evaluation)
              : meet_product(evaluation))) {
        return false;
    }
    fill_head(evaluation);
    return fill_profile(evaluation) && select_tests(evaluation);
}

bool dg_evaluation_open(struct dg_evaluation *evaluation)
{
    /* A folder that takes nothing is found out before the first attack. */
    if (!dg_evaluation_meet(evaluation) || !open_key(evaluation) ||
        !dg_earlier_open(evaluation) || !dg_earlier_take(evaluation) ||
        !open_output(evaluation)) {
        return false;
    }
    (void)printf("Product: %s %s, %s\n",
                 evaluation->run.product.name,
                 evaluation->run.product.version,
                 evaluation->run.product.function_class);
    return true;
}

void dg_evaluation_close(struct dg_evaluation *evaluation)
{
    if (evaluation->scratch[0] != '\0') {
        dg_scratch_remove(evaluation->scratch);
    }
    json_decref(evaluation->hello);
    json_decref(evaluation->start);
    dg_lab_key_wipe(&evaluation->key);
    dg_lab_token_close();
    dg_selection_free(&evaluation->selection);
    dg_feature_list_free(&evaluation->features);
    dg_profile_free(&evaluation->profile);
    if (evaluation->has_target) {
        dg_target_free(&evaluation->target);
    }
    dg_catalogue_free(&evaluation->catalogue);
    dg_flawed_free(&evaluation->flawed);
    dg_run_free(&evaluation->run);
    dg_run_free(&evaluation->calibration);
    dg_run_free(&evaluation->earlier);
    dg_crypto_openssl_free(&evaluation->crypto);
}

/* Output ------------------------------------------------------------------ */

static bool write_derived(const struct dg_evaluation *evaluation,
                          const struct dg_run_origin *origin)
{
    static const struct {
        enum dg_derived_kind kind;
        const char *name;
    } files[] = {{DG_DERIVED_HTML, "report.html"},
                 {DG_DERIVED_JUNIT, "junit.xml"},
                 {DG_DERIVED_LABEL, "label.svg"},
                 {DG_DERIVED_SEQUENCES, DG_SEQUENCE_FILE}};
    char path[640];
    struct dg_problem problem;

    for (size_t i = 0U; i < 4U; i++) {
        (void)snprintf(path,
                       sizeof path,
                       "%s/%s",
                       evaluation->options->out,
                       files[i].name);
        if ((files[i].kind == DG_DERIVED_SEQUENCES) &&
            !dg_sequences_any(&evaluation->run)) {
            (void)unlink(path); /* those of a run that was here before */
            continue;
        }
        if (dg_derived_write(
                files[i].kind, &evaluation->run, origin, path, &problem) !=
            DG_OK) {
            return complain(path, problem.text);
        }
    }
    return true;
}

bool dg_evaluation_save(struct dg_evaluation *evaluation)
{
    struct dg_problem problem;
    char path[640];

    (void)snprintf(path, sizeof path, "%s/run.dgrun", evaluation->options->out);
    dg_record_hold();
    evaluation->run.head.ended = utc_now(&evaluation->run);

    const enum dg_status status = dg_run_file_write(&evaluation->crypto,
                                                    &evaluation->run,
                                                    &evaluation->key,
                                                    path,
                                                    &evaluation->origin,
                                                    &problem);

    dg_record_let_go();
    return (status == DG_OK) || complain(path, problem.text);
}

bool dg_evaluation_write(struct dg_evaluation *evaluation)
{
    if (!dg_evaluation_save(evaluation) ||
        !write_derived(evaluation, &evaluation->origin)) {
        return false;
    }
    dg_tell_end(evaluation);
    return true;
}

bool dg_evaluation_tell_again(struct dg_evaluation *evaluation)
{
    evaluation->origin = evaluation->earlier_origin;
    if (!write_derived(evaluation, &evaluation->origin)) {
        return false;
    }
    dg_tell_end(evaluation);
    return true;
}
