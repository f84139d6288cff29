/* SPDX-License-Identifier: Apache-2.0 */
/* usage: bench_profile SPEC [FILE.xml]
 *
 * How long a profile takes to load, beside the bare parser of libxml2 on the
 * same bytes.  Without FILE our own, written as CC XML. */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "eval/file.h"
#include "eval/profile/export.h"
#include "eval/profile/import.h"
#include "eval/profile/xml.h"

struct work {
    dg_span xml;
    char yaml[600];
};

static void parse_alone(void *context)
{
    const struct work *work = context;
    xmlDoc *document = xmlReadMemory((const char *)work->xml.at,
                                     (int)work->xml.size,
                                     "bench.xml",
                                     "UTF-8",
                                     XML_PARSE_NONET);

    if (document == NULL) {
        abort();
    }
    xmlFreeDoc(document);
}

static void look(void *context)
{
    const struct work *work = context;

    dg_bench_expect(dg_xml_look(work->xml, "bench.xml", NULL), "look");
}

static void load(void *context)
{
    const struct work *work = context;
    struct dg_profile profile;
    struct dg_problem problem = {""};

    dg_bench_expect(
        dg_profile_import(work->xml, "bench.xml", &profile, &problem),
        problem.text);
    dg_profile_free(&profile);
}

static void load_yaml(void *context)
{
    const struct work *work = context;
    struct dg_profile profile;
    struct dg_problem problem = {""};

    dg_bench_expect(dg_profile_open(work->yaml, &profile, &problem),
                    problem.text);
    dg_profile_free(&profile);
}

/* Our own profile as CC XML, where nobody published another. */
static dg_span own_xml(const char *yaml)
{
    struct dg_profile profile;
    struct dg_problem problem = {""};
    char *text = NULL;
    size_t size = 0;

    dg_bench_expect(dg_profile_open(yaml, &profile, &problem), problem.text);
    dg_bench_expect(dg_profile_export(&profile, NULL, &text, &size, &problem),
                    problem.text);
    dg_profile_free(&profile);
    return (dg_span){(const uint8_t *)text, size};
}

int main(int argc, char **argv)
{
    static const dg_bench_work works[] = {parse_alone, look, load, load_yaml};
    struct work work = {{NULL, 0}, ""};
    struct dg_problem problem = {""};
    double ns[4];
    char note[200];

    if ((argc < 2) || (argc > 3)) {
        (void)fprintf(stderr, "usage: bench_profile SPEC [FILE.xml]\n");
        return 1;
    }
    (void)snprintf(work.yaml,
                   sizeof work.yaml,
                   "%s/profiles/connected-device.yaml",
                   argv[1]);
    if (argc == 3) {
        dg_bench_expect(
            dg_file_read(argv[2], DG_XML_SIZE_MAX, &work.xml, &problem),
            problem.text);
    } else {
        work.xml = own_xml(work.yaml);
    }
    dg_bench_compare(works, &work, 4U, 3U, ns);
    (void)printf("\nprofiles: %s, %zu bytes\n",
                 (argc == 3) ? argv[2] : "our own as CC XML",
                 work.xml.size);
    dg_bench_tell("libxml2 alone", ns[0] / 1e6, "ms", "");
    (void)snprintf(note, sizeof note, "%.2f of libxml2", ns[1] / ns[0]);
    dg_bench_tell("look before parsing", ns[1] / 1e6, "ms", note);
    (void)snprintf(
        note, sizeof note, "%.2f of libxml2; aim below 300 ms", ns[2] / ns[0]);
    dg_bench_tell("load, whole", ns[2] / 1e6, "ms", note);
    dg_bench_tell("our own from YAML", ns[3] / 1e6, "ms", "connected-device");
    dg_file_free(work.xml);
    return 0;
}
