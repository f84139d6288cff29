/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/verify.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "eval/file.h"
#include "eval/hex.h"

/* A folder with more run files than this is no place to look for one. */
#define RUN_FILES_MAX    256U
#define DERIVED_SIZE_MAX (256U * 1024U * 1024U)

static bool has_suffix(const char *path, const char *suffix)
{
    const size_t size = strlen(path);
    const size_t tail = strlen(suffix);

    return (size > tail) && (strcmp(path + size - tail, suffix) == 0);
}

static bool contains(dg_span bytes, size_t within, const char *text)
{
    const size_t size = strlen(text);
    const size_t end = (bytes.size < within) ? bytes.size : within;

    for (size_t i = 0; (i + size) <= end; i++) {
        if (memcmp(bytes.at + i, text, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Join the folder of @path with @name. */
static bool beside(const char *path,
                   const char *name,
                   char *out,
                   size_t capacity)
{
    const char *slash = strrchr(path, '/');
    const int folder = (slash == NULL) ? 0 : (int)((slash - path) + 1);
    const int size = snprintf(out, capacity, "%.*s%s", folder, path, name);

    return (size >= 0) && ((size_t)size < capacity);
}

static bool is_digest_of(const struct dg_crypto *crypto,
                         const char *path,
                         dg_span derived)
{
    char mark[sizeof(DG_DERIVED_MARK) + (2U * DG_HASH_SIZE)] = DG_DERIVED_MARK;
    struct dg_hash hash;
    dg_span bytes = {NULL, 0};

    if (dg_file_read(path, DG_RUN_FILE_SIZE_MAX, &bytes, NULL) != DG_OK) {
        return false;
    }

    const bool is_good =
        crypto->sha256(crypto->context, &bytes, 1, &hash) == DG_OK;

    dg_file_free(bytes);
    if (!is_good) {
        return false;
    }
    dg_hex_put(DG_SPAN_OF(hash.byte), mark + strlen(DG_DERIVED_MARK));
    return contains(derived, DG_DERIVED_WITHIN, mark);
}

/* Find the run file that a derived file was made from. */
static bool find_run(const struct dg_crypto *crypto,
                     const char *path,
                     dg_span derived,
                     struct dg_verify_result *result)
{
    char folder[sizeof(result->run_path)];
    char candidate[sizeof(result->run_path)];
    size_t seen = 0;
    bool is_found = false;

    if (!beside(path, ".", folder, sizeof(folder))) {
        return false;
    }

    DIR *dir = opendir(folder);

    if (dir == NULL) {
        return false;
    }
    for (const struct dirent *one = readdir(dir);
         (one != NULL) && !is_found && (seen < RUN_FILES_MAX);
         one = readdir(dir)) {
        if (!has_suffix(one->d_name, DG_RUN_FILE_SUFFIX) ||
            !beside(path, one->d_name, candidate, sizeof(candidate))) {
            continue;
        }
        seen++;
        is_found = is_digest_of(crypto, candidate, derived);
        memcpy(result->run_path, candidate, sizeof(candidate));
    }
    (void)closedir(dir);

    /* The only run file there is a fair guess even when the digest inside the
     * derived file was the thing that somebody altered. */
    return is_found || (seen == 1U);
}

static size_t first_other_line(dg_span a, dg_span b)
{
    const size_t size = (a.size < b.size) ? a.size : b.size;
    size_t line = 1;

    for (size_t i = 0; (i < size) && (a.at[i] == b.at[i]); i++) {
        line += (a.at[i] == (uint8_t)'\n') ? 1U : 0U;
    }
    return line;
}

/* The digest of a run file that a derived file names; false: none that could
 * be one. */
static bool named_digest(dg_span derived, char digest[2U * DG_HASH_SIZE + 1U])
{
    static const char mark[] = DG_DERIVED_MARK;
    const size_t before = sizeof(mark) - 1U;
    const size_t size = 2U * DG_HASH_SIZE;
    const size_t end =
        (derived.size < DG_DERIVED_WITHIN) ? derived.size : DG_DERIVED_WITHIN;

    for (size_t i = 0; (i + before + size) <= end; i++) {
        if (memcmp(derived.at + i, mark, before) == 0) {
            memcpy(digest, derived.at + i + before, size);
            digest[size] = '\0';
            return strspn(digest, "0123456789abcdef") == size;
        }
    }
    return false;
}

/* Altered, or made from another run: what the file says of itself decides
 * which of the two is told. */
static void find_derived(dg_span derived, struct dg_verify_result *result)
{
    char named[2U * DG_HASH_SIZE + 1U];

    result->state = DG_VERIFY_ALTERED;
    result->cause = DG_VERIFY_CAUSE_DERIVED;
    if (!named_digest(derived, named) ||
        (strcmp(named, result->origin.digest) == 0)) {
        dg_problem_set(&result->why,
                       "altered: from line %zu on it is not what the run file "
                       "%.300s gives",
                       result->line,
                       result->run_path);
        return;
    }
    result->cause = DG_VERIFY_CAUSE_OTHER_RUN;
    dg_problem_set(&result->why,
                   "it says that it was made from run %.16s..., and the run "
                   "file %.250s beside it is %.16s...; they differ from line "
                   "%zu on",
                   named,
                   result->run_path,
                   result->origin.digest,
                   result->line);
}

static enum dg_status compare(dg_span derived,
                              const struct dg_run *run,
                              struct dg_verify_result *result)
{
    struct dg_html html;
    const enum dg_status status =
        dg_derived_render(result->kind, run, &result->origin, &html);
    const dg_span made = dg_html_span(&html);

    if (status != DG_OK) {
        dg_problem_set(&result->why, "out of memory: nothing is known");
        dg_html_free(&html);
        return DG_E_PORT;
    }
    if ((made.size != derived.size) ||
        (memcmp(made.at, derived.at, made.size) != 0)) {
        result->line = first_other_line(derived, made);
        find_derived(derived, result);
    }
    dg_html_free(&html);
    return DG_OK;
}

/* Take over what the check of a run file found. */
static void take_check(const struct dg_run_file_check *check,
                       struct dg_verify_result *result)
{
    static const enum dg_verify_state states[] = {
        [DG_RUN_FILE_NONE] = DG_VERIFY_NONE,
        [DG_RUN_FILE_VALID] = DG_VERIFY_VALID,
        [DG_RUN_FILE_ALTERED] = DG_VERIFY_ALTERED,
        [DG_RUN_FILE_OTHER_SIGNER] = DG_VERIFY_OTHER_SIGNER,
        [DG_RUN_FILE_NOT_A_RUN] = DG_VERIFY_NOT_OURS,
    };

    static const enum dg_verify_cause causes[] = {
        [DG_RUN_CAUSE_NONE] = DG_VERIFY_CAUSE_NONE,
        [DG_RUN_CAUSE_OTHER_KEY] = DG_VERIFY_CAUSE_OTHER_KEY,
        [DG_RUN_CAUSE_NO_KEY] = DG_VERIFY_CAUSE_NO_KEY,
        [DG_RUN_CAUSE_ALTERED] = DG_VERIFY_CAUSE_ALTERED,
        [DG_RUN_CAUSE_CUT_SHORT] = DG_VERIFY_CAUSE_CUT_SHORT,
        [DG_RUN_CAUSE_SECOND] = DG_VERIFY_CAUSE_SECOND,
        [DG_RUN_CAUSE_VERSION] = DG_VERIFY_CAUSE_VERSION,
        [DG_RUN_CAUSE_NO_RUN] = DG_VERIFY_CAUSE_NOT_OURS,
    };

    result->state = states[check->state];
    result->cause = causes[check->cause];
    result->second = check->second;
    result->offset = check->offset;
    result->origin = check->origin;
    result->why = check->why;
    memcpy(result->section, check->section, sizeof(result->section));
}

static enum dg_status verify_derived(const struct dg_crypto *crypto,
                                     const char *path,
                                     dg_span bytes,
                                     const struct dg_public_key *trusted,
                                     struct dg_verify_result *result)
{
    struct dg_run_file_check check;
    struct dg_run run;

    if (!find_run(crypto, path, bytes, result)) {
        result->state = DG_VERIFY_NO_RUN;
        result->cause = DG_VERIFY_CAUSE_NO_RUN;
        dg_problem_set(&result->why,
                       "made by Dosegate, but the run file it was made from "
                       "is not beside it: put the *%s there",
                       DG_RUN_FILE_SUFFIX);
        return DG_OK;
    }

    enum dg_status status =
        dg_run_file_read(crypto, result->run_path, trusted, &run, &check);

    take_check(&check, result);
    if ((status == DG_OK) && ((result->state == DG_VERIFY_VALID) ||
                              (result->state == DG_VERIFY_OTHER_SIGNER))) {
        status = compare(bytes, &run, result);
    } else if (status == DG_OK) {
        result->state = DG_VERIFY_ALTERED;
        dg_problem_set(&result->why,
                       "cannot be trusted: its run file %.200s is %.250s",
                       result->run_path,
                       check.why.text);
    }
    dg_run_free(&run);
    return status;
}

enum dg_status dg_verify_file(const struct dg_crypto *crypto,
                              const char *path,
                              const struct dg_public_key *trusted,
                              struct dg_verify_result *result)
{
    struct dg_run_file_check check;
    dg_span bytes = {NULL, 0};

    *result = (struct dg_verify_result){.state = DG_VERIFY_NONE};

    enum dg_status status =
        dg_file_read(path, DERIVED_SIZE_MAX, &bytes, &result->why);

    if (status == DG_E_RANGE) {
        result->state = DG_VERIFY_NOT_OURS;
        result->cause = DG_VERIFY_CAUSE_NOT_OURS;
        return DG_OK;
    }
    if (status != DG_OK) {
        return DG_E_PORT;
    }
    status = dg_run_file_check_bytes(crypto, bytes, trusted, NULL, &check);
    take_check(&check, result);
    if ((status == DG_OK) && (result->state == DG_VERIFY_NOT_OURS) &&
        dg_derived_is_apart(bytes)) {
        result->state = DG_VERIFY_NOT_COMPARED;
        result->cause = DG_VERIFY_CAUSE_NOT_COMPARED;
        dg_problem_set(&result->why,
                       "a PDF, a page of a bundle or a signed envelope, as "
                       "dosegate report makes them: it cannot be compared");
    } else if ((status == DG_OK) && (result->state == DG_VERIFY_NOT_OURS)) {
        result->kind = dg_derived_kind_of(path, bytes);
        if (result->kind != DG_DERIVED_NONE) {
            status = verify_derived(crypto, path, bytes, trusted, result);
        }
    }
    dg_file_free(bytes);
    return status;
}

/* Whether the reader gets the second signature that was asked for. */
static void demand(const struct dg_public_key *second,
                   struct dg_verify_result *result)
{
    if (!result->second.is_there) {
        result->cause = DG_VERIFY_CAUSE_SECOND_MISSING;
        dg_problem_set(&result->why,
                       "no second evaluator has confirmed the run");
    } else if (memcmp(second, &result->second.key, sizeof(*second)) != 0) {
        result->cause = DG_VERIFY_CAUSE_SECOND_KEY;
        dg_problem_set(&result->why,
                       "confirmed by %s with the key %s, which is not the one "
                       "that you trust",
                       result->second.name,
                       result->second.key_id);
    } else {
        return;
    }
    result->state = DG_VERIFY_OTHER_SIGNER;
}

enum dg_status dg_verify_signed_off(const struct dg_crypto *crypto,
                                    const char *path,
                                    const struct dg_public_key *trusted,
                                    const struct dg_public_key *second,
                                    struct dg_verify_result *result)
{
    const enum dg_status status = dg_verify_file(crypto, path, trusted, result);

    if ((status == DG_OK) && (second != NULL) &&
        (result->state == DG_VERIFY_VALID)) {
        demand(second, result);
    }
    return status;
}

/* @satisfies{EVL_VERIFY.1@1} */
const char *dg_verify_advice(enum dg_verify_cause cause)
{
    static const char *const words[DG_VERIFY_CAUSES] = {
        [DG_VERIFY_CAUSE_NONE] = "",
        [DG_VERIFY_CAUSE_OTHER_KEY] =
            "If you trust that laboratory, get its public key (lab.pub) from "
            "it in a way that nobody can change, and name it with --key.",
        [DG_VERIFY_CAUSE_NO_KEY] =
            "There is no key on this machine to compare with: get the "
            "laboratory's public key (lab.pub) from it, and name it with "
            "--key.",
        [DG_VERIFY_CAUSE_ALTERED] =
            "Do not use it. Ask the laboratory for the file again, and for its "
            "SHA-256 in another way.",
        [DG_VERIFY_CAUSE_CUT_SHORT] =
            "A copy or a download that broke off does that: copy it again from "
            "where it came.",
        [DG_VERIFY_CAUSE_SECOND] =
            "Do not take it for confirmed. Ask the laboratory for the run file "
            "without it, and the second evaluator to sign that one again.",
        [DG_VERIFY_CAUSE_SECOND_KEY] =
            "If you trust that person, get their public key (lab.pub) from "
            "them and name it with --second.",
        [DG_VERIFY_CAUSE_SECOND_MISSING] =
            "The second evaluator confirms it with: dosegate rate RUN "
            "--confirm --by NAME --out NEW.",
        [DG_VERIFY_CAUSE_VERSION] =
            "Check it with the version of Dosegate that made it, or a later "
            "one.",
        [DG_VERIFY_CAUSE_NOT_OURS] =
            "Name a run file (*.dgrun) or a file that was made from one.",
        [DG_VERIFY_CAUSE_NO_RUN] =
            "Put the run file into the folder of this file and check again.",
        [DG_VERIFY_CAUSE_OTHER_RUN] =
            "Put the run file that it names beside it, or make it again from "
            "the one that is there: dosegate report.",
        [DG_VERIFY_CAUSE_DERIVED] =
            "Do not use it. The run file is whole: make this file again from "
            "it with dosegate report.",
        [DG_VERIFY_CAUSE_NOT_COMPARED] =
            "Check the run file, and make this again from it: dosegate "
            "report."};

    return (cause < DG_VERIFY_CAUSES) ? words[cause] : "";
}
