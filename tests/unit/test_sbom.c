/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/sbom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

/* A whole list: no finding. */
static const char cyclonedx[] =
    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"serialNumber\":"
    "\"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79\",\"version\":1,"
    "\"metadata\":{\"timestamp\":\"2026-01-02T03:04:05Z\",\"authors\":[{"
    "\"name\":\"Example Maker\"}],\"component\":{\"type\":\"device\","
    "\"bom-ref\":\"pump\",\"name\":\"Pump\"}},\"components\":[{\"type\":"
    "\"library\",\"bom-ref\":\"a\",\"name\":\"alib\",\"version\":\"1.0\","
    "\"supplier\":{\"name\":\"A\"},\"purl\":\"pkg:generic/alib@1.0\","
    "\"hashes\":[{\"alg\":\"SHA-256\",\"content\":\"00\"}],\"properties\":[{"
    "\"name\":\"dosegate:support-level\",\"value\":\"maintained\"},{\"name\":"
    "\"dosegate:end-of-support\",\"value\":\"2031-12-31\"}]}],"
    "\"dependencies\":[{\"ref\":\"pump\",\"dependsOn\":[\"a\"]},{\"ref\":"
    "\"a\",\"dependsOn\":[]}]}";

static const char spdx[] =
    "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\","
    "\"documentNamespace\":\"https://maker.example/1\",\"creationInfo\":{"
    "\"created\":\"2026-01-02T03:04:05Z\",\"creators\":[\"Organization: "
    "Example\"]},\"packages\":[{\"SPDXID\":\"SPDXRef-a\",\"name\":\"alib\","
    "\"versionInfo\":\"1.0\",\"supplier\":\"Organization: A\","
    "\"externalRefs\":[{\"referenceType\":\"purl\",\"referenceLocator\":"
    "\"pkg:generic/alib@1.0\"}],\"checksums\":[{\"algorithm\":\"SHA256\"}],"
    "\"validUntilDate\":\"2031-12-31T00:00:00Z\",\"annotations\":[{"
    "\"comment\":\"support-level: maintained\"}]}],\"relationships\":[{"
    "\"spdxElementId\":\"SPDXRef-DOCUMENT\",\"relationshipType\":\"DESCRIBES\""
    ",\"relatedSpdxElement\":\"SPDXRef-a\"}]}";

static enum dg_status read_text(const char *text, struct dg_sbom *sbom)
{
    static struct dg_problem problem;

    return dg_sbom_read(
        (dg_span){(const uint8_t *)text, strlen(text)}, sbom, &problem);
}

static void test_sbom__whole_lists__no_finding(void **state)
{
    const char *const lists[] = {cyclonedx, spdx};

    (void)state;
    for (size_t i = 0; i < 2U; i++) {
        struct dg_sbom sbom;

        assert_int_equal(read_text(lists[i], &sbom), DG_OK);
        if (sbom.finding_count != 0U) {
            fail_msg("%s: %s", sbom.findings->rule, sbom.findings->text);
        }
        assert_int_equal(sbom.count, 1);
        assert_string_equal(sbom.components->name, "alib");
        assert_string_equal(sbom.components->support_level, "maintained");
        dg_sbom_free(&sbom);
    }
}

/* One fault at a time in a list that is whole, and its one finding. */
static void test_sbom__each_fault__its_rule(void **state)
{
    static const struct {
        const char *list;
        const char *find;
        const char *replace;
        const char *rule;
    } faults[] = {
        {cyclonedx, "\"1.6\"", "\"1.2\"", "SBOM-SCHEMA"},
        {cyclonedx, "urn:uuid:", "uuid:", "SBOM-SERIAL"},
        {cyclonedx, "\"timestamp\"", "\"stamp\"", "SBOM-TIME"},
        {cyclonedx, "\"authors\"", "\"writers\"", "SBOM-AUTHOR"},
        {cyclonedx, "\"name\":\"alib\"", "\"title\":\"alib\"", "SBOM-NAME"},
        {cyclonedx,
         "\"version\":\"1.0\"",
         "\"edition\":\"1.0\"",
         "SBOM-VERSION"},
        {cyclonedx, "\"supplier\"", "\"giver\"", "SBOM-SUPPLIER"},
        {cyclonedx, "\"purl\"", "\"url\"", "SBOM-ID"},
        {cyclonedx, "\"hashes\"", "\"sums\"", "SBOM-DIGEST"},
        {cyclonedx, "support-level", "support", "SBOM-SUPPORT"},
        {cyclonedx, "end-of-support", "end", "SBOM-END"},
        {cyclonedx, "2031-12-31", "some day", "SBOM-END"},
        {cyclonedx, "\"library\"", "\"thing\"", "SBOM-TYPE"},
        {cyclonedx, "[\"a\"]", "[\"b\"]", "SBOM-DANGLING"},
        {cyclonedx,
         "{\"ref\":\"a\",\"dependsOn\":[]}",
         "{\"ref\":\"pump\"}",
         "SBOM-DEPENDENCY"},
        {cyclonedx, "\"bom-ref\":\"pump\"", "\"bom-ref\":\"a\"", "SBOM-TWICE"},
        {spdx, "SPDX-2.3", "SPDX-3.0", "SBOM-SCHEMA"},
        {spdx, "documentNamespace", "space", "SBOM-SERIAL"},
        {spdx, "Organization: A\"", "NOASSERTION\"", "SBOM-SUPPLIER"},
        {spdx, "\"purl\"", "\"website\"", "SBOM-ID"},
        {spdx, "validUntilDate", "until", "SBOM-END"},
        {spdx, "support-level: ", "level: ", "SBOM-SUPPORT"},
        {spdx,
         "relatedSpdxElement\":\"SPDXRef-a",
         "relatedSpdxElement\":\"x",
         "SBOM-DANGLING"},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(faults) / sizeof(faults[0])); i++) {
        char text[2000];
        struct dg_sbom sbom;
        const char *at = strstr(faults[i].list, faults[i].find);
        bool is_found = false;

        assert_non_null(at);
        (void)snprintf(text,
                       sizeof(text),
                       "%.*s%s%s",
                       (int)(at - faults[i].list),
                       faults[i].list,
                       faults[i].replace,
                       at + strlen(faults[i].find));
        if (read_text(text, &sbom) != DG_OK) {
            fail_msg("%s: not read", faults[i].rule);
        }
        for (const struct dg_sbom_finding *f = sbom.findings; f != NULL;
             f = f->next) {
            is_found = is_found || (strcmp(f->rule, faults[i].rule) == 0);
        }
        if (!is_found || (sbom.finding_count > 3U)) {
            fail_msg("%s: %zu findings", faults[i].rule, sbom.finding_count);
        }
        dg_sbom_free(&sbom);
    }
}

static void test_sbom__hostile__refused_in_bounds(void **state)
{
    struct dg_sbom sbom;
    const size_t depth = 100000;
    char *deep = malloc((4U * depth) + 1U);

    (void)state;
    assert_non_null(deep);
    assert_int_equal(read_text("", &sbom), DG_E_MALFORMED);
    dg_sbom_free(&sbom);
    assert_int_equal(read_text("[]", &sbom), DG_E_MALFORMED);
    dg_sbom_free(&sbom);
    assert_int_equal(read_text("{\"a\":1,\"a\":2}", &sbom), DG_E_MALFORMED);
    dg_sbom_free(&sbom);
    assert_int_equal(read_text("{\"bomFormat\":\"other\"}", &sbom),
                     DG_E_MALFORMED);
    dg_sbom_free(&sbom);
    memset(deep, '[', depth);
    deep[depth] = '\0';
    assert_int_equal(read_text(deep, &sbom), DG_E_MALFORMED);
    dg_sbom_free(&sbom);

    /* Components in components, deeper than any product. */
    size_t used = (size_t)sprintf(deep, "{\"bomFormat\":\"CycloneDX\"");

    for (size_t i = 0; i < 40U; i++) {
        used += (size_t)sprintf(deep + used, ",\"components\":[{\"a\":0");
    }
    for (size_t i = 0; i < 40U; i++) {
        used += (size_t)sprintf(deep + used, "}]");
    }
    (void)sprintf(deep + used, "}");
    assert_int_equal(read_text(deep, &sbom), DG_E_RANGE);
    dg_sbom_free(&sbom);
    free(deep);
    assert_int_equal(
        dg_sbom_read(
            (dg_span){(const uint8_t *)"", DG_SBOM_SIZE_MAX + 1U}, &sbom, NULL),
        DG_E_RANGE);
    dg_sbom_free(&sbom);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sbom__whole_lists__no_finding),
        cmocka_unit_test(test_sbom__each_fault__its_rule),
        cmocka_unit_test(test_sbom__hostile__refused_in_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
