/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/make.h"

#include <stdio.h>
#include <string.h>

#include "eval/derived.h"
#include "eval/file.h"
#include "eval/output/bundle.h"
#include "eval/output/dsse.h"
#include "eval/output/report_pdf.h"
#include "eval/sequence.h"

#define PATH_SIZE 1024U
#define LINE_SIZE (PATH_SIZE + sizeof(struct dg_problem))

struct work {
    const struct dg_make_order *order;
    void (*tell)(const char *line);
    struct dg_problem *problem;
};

static enum dg_status path_of(const struct work *work,
                              const char *name,
                              char path[PATH_SIZE])
{
    const int size = snprintf(path, PATH_SIZE, "%s/%s", work->order->out, name);

    if ((size < 0) || ((size_t)size >= PATH_SIZE)) {
        dg_problem_set(work->problem, "the name of the folder is too long");
        return DG_E_PORT;
    }
    return DG_OK;
}

static void tell(const struct work *work, const char *path)
{
    if (work->tell != NULL) {
        work->tell(path);
    }
}

static enum dg_status put(const struct work *work,
                          const char *name,
                          dg_span bytes)
{
    char path[PATH_SIZE];
    enum dg_status status = path_of(work, name, path);

    if (status == DG_OK) {
        status = dg_file_write(path, bytes, 0644, work->problem);
    }
    if (status == DG_OK) {
        tell(work, path);
    }
    return status;
}

static enum dg_status put_derived(const struct work *work,
                                  enum dg_derived_kind kind)
{
    char name[DG_DERIVED_NAME_SIZE];
    char path[PATH_SIZE];

    dg_derived_name(kind, work->order->origin, name);

    enum dg_status status = path_of(work, name, path);

    if (status == DG_OK) {
        status = dg_derived_write(
            kind, work->order->run, work->order->origin, path, work->problem);
    }
    if (status == DG_OK) {
        tell(work, path);
    }
    return status;
}

/* The statement as it was signed: the envelope carries these bytes. */
static enum dg_status put_envelope(const struct work *work,
                                   enum dg_derived_kind kind,
                                   const char *name)
{
    const struct dg_make_order *order = work->order;
    struct dg_html statement;
    struct dg_html envelope;
    enum dg_status status =
        dg_derived_render(kind, order->run, order->origin, &statement);

    dg_html_init(&envelope);
    if (status == DG_OK) {
        status = dg_dsse_seal(
            order->crypto, order->key, dg_html_span(&statement), &envelope);
    }
    if (status == DG_OK) {
        status = put(work, name, dg_html_span(&envelope));
    } else {
        dg_problem_set(work->problem, "cannot sign %s", name);
    }
    dg_html_free(&statement);
    dg_html_free(&envelope);
    return status;
}

static enum dg_status put_key(const struct work *work)
{
    struct dg_html pem;
    enum dg_status status =
        dg_dsse_public_key(&work->order->key->public_key, &pem);

    if (status == DG_OK) {
        status = put(work, "lab-key.pem", dg_html_span(&pem));
    }
    dg_html_free(&pem);
    return status;
}

/* Who signs a statement about a run is who signed the run. */
static enum dg_status put_intoto(const struct work *work)
{
    const struct dg_make_order *order = work->order;

    if ((order->key == NULL) ||
        (strcmp(order->key->id, order->origin->key_id) != 0)) {
        dg_problem_set(work->problem,
                       "in-toto statements are signed with the key that signed "
                       "the run (%s), and it is not here: make them where that "
                       "key is",
                       order->origin->key_id);
        return DG_E_AUTH;
    }

    enum dg_status status = put_derived(work, DG_DERIVED_TEST_RESULT);

    if (status == DG_OK) {
        status = put_derived(work, DG_DERIVED_SUMMARY);
    }
    if (status == DG_OK) {
        status =
            put_envelope(work, DG_DERIVED_TEST_RESULT, "test-result.dsse.json");
    }
    if (status == DG_OK) {
        status =
            put_envelope(work, DG_DERIVED_SUMMARY, "verification.dsse.json");
    }
    return (status == DG_OK) ? put_key(work) : status;
}

static enum dg_status put_html(const struct work *work)
{
    return put_derived(work, DG_DERIVED_HTML);
}

static enum dg_status put_pdf(const struct work *work)
{
    struct dg_html pdf;
    enum dg_status status =
        dg_report_pdf_render(work->order->run, work->order->origin, &pdf);

    if (status == DG_OK) {
        status = put(work, "report.pdf", dg_html_span(&pdf));
    } else {
        dg_problem_set(work->problem, "cannot make report.pdf");
    }
    dg_html_free(&pdf);
    return status;
}

static enum dg_status put_junit(const struct work *work)
{
    return put_derived(work, DG_DERIVED_JUNIT);
}

static enum dg_status put_label(const struct work *work)
{
    enum dg_status status = put_derived(work, DG_DERIVED_LABEL);

    if (status == DG_OK) {
        status = put_derived(work, DG_DERIVED_LABEL_JSON);
    }
    return (status == DG_OK) ? put_derived(work, DG_DERIVED_LABEL_TEXT)
                             : status;
}

static enum dg_status put_etr(const struct work *work)
{
    const enum dg_status status = put_derived(work, DG_DERIVED_ETR);

    return (status == DG_OK) ? put_derived(work, DG_DERIVED_ETR_JSON) : status;
}

static enum dg_status put_sarif(const struct work *work)
{
    return put_derived(work, DG_DERIVED_SARIF);
}

static enum dg_status put_oscal(const struct work *work)
{
    return put_derived(work, DG_DERIVED_OSCAL);
}

static enum dg_status put_csaf(const struct work *work)
{
    return put_derived(work, DG_DERIVED_CSAF);
}

static enum dg_status put_sequences(const struct work *work)
{
    if (!dg_sequences_any(work->order->run)) {
        dg_problem_set(work->problem,
                       "no test of the run found what is enough to fail");
        return DG_E_USAGE;
    }
    return put_derived(work, DG_DERIVED_SEQUENCES);
}

static enum dg_status put_bundle(const struct work *work)
{
    const struct dg_make_order *order = work->order;
    const struct dg_bundle_source source = {
        .run = order->run,
        .origin = order->origin,
        .profile = order->profile,
        .catalogue = order->catalogue,
        .sbom = order->sbom,
    };
    char path[PATH_SIZE];
    const enum dg_status status = path_of(work, "bundle", path);

    return (status == DG_OK)
               ? dg_bundle_make(&source, path, work->tell, work->problem)
               : status;
}

static const struct format {
    const char *name;
    enum dg_status (*put)(const struct work *work);
} formats[] = {
    {"html", put_html},
    {"pdf", put_pdf},
    {"junit", put_junit},
    {"label", put_label},
    {"etr", put_etr},
    {"sarif", put_sarif},
    {"oscal", put_oscal},
    {"csaf", put_csaf},
    {"sequences", put_sequences},
    {"intoto", put_intoto},
    {"bundle", put_bundle},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static const struct format *find(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

bool dg_make_knows(const char *format)
{
    return (strcmp(format, "all") == 0) || (find(format) != NULL);
}

static enum dg_status put_all(const struct work *work)
{
    for (size_t i = 0; i < FORMATS; i++) {
        /* A run in which fuzzing found nothing lacks nothing. */
        if ((formats[i].put == put_sequences) &&
            !dg_sequences_any(work->order->run)) {
            continue;
        }

        const enum dg_status status = formats[i].put(work);

        if ((status == DG_E_USAGE) || (status == DG_E_AUTH)) {
            char line[LINE_SIZE];

            (void)snprintf(line,
                           sizeof(line),
                           "left out: %s: %s",
                           formats[i].name,
                           work->problem->text);
            tell(work, line);
        } else if (status != DG_OK) {
            return status;
        }
    }
    return DG_OK;
}

enum dg_status dg_make_outputs(const struct dg_make_order *order,
                               const char *format,
                               void (*tell_line)(const char *line),
                               struct dg_problem *problem)
{
    const struct work work = {order, tell_line, problem};
    const struct format *one = find(format);

    if (strcmp(format, "all") == 0) {
        return put_all(&work);
    }
    if (one == NULL) {
        dg_problem_set(problem, "there is no format '%.32s'", format);
        return DG_E_USAGE;
    }
    return one->put(&work);
}
