/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/yaml.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"

static struct dg_yaml parse(const char *text)
{
    struct dg_yaml yaml;

    dg_yaml_parse(
        &yaml, (dg_span){(const uint8_t *)text, strlen(text)}, "f.yaml");
    return yaml;
}

static void expect_refused(const char *text, const char *message)
{
    struct dg_yaml yaml = parse(text);
    struct dg_problem problem = {""};

    assert_int_equal(dg_yaml_end(&yaml, &problem), DG_E_MALFORMED);
    assert_string_equal(problem.text, message);
    assert_null(yaml.root);
    dg_yaml_free(&yaml);
}

static void test_yaml__all_kinds__read(void **state)
{
    struct dg_yaml yaml = parse("# comment\nname: a \"b\"\ncount: -12\n"
                                "list: [x, 'y z']\nmap: {k: v}\n");
    struct dg_problem problem = {""};
    struct dg_arena arena;
    const char **texts = NULL;

    (void)state;
    dg_arena_init(&arena);
    assert_string_equal(dg_yaml_text(&yaml, yaml.root, "name"), "a \"b\"");
    assert_int_equal(dg_yaml_int(&yaml, yaml.root, "count", -12, 0), -12);
    assert_int_equal(dg_yaml_texts(&yaml, yaml.root, "list", &arena, &texts),
                     2);

    struct dg_yaml_node *map = dg_yaml_map(&yaml, yaml.root, "map");

    assert_string_equal(dg_yaml_text(&yaml, map, "k"), "v");
    dg_yaml_close(&yaml, map);
    dg_yaml_close(&yaml, yaml.root);
    assert_int_equal(dg_yaml_end(&yaml, &problem), DG_OK);
    assert_string_equal(texts[1], "y z");
    dg_yaml_free(&yaml);
    dg_arena_free(&arena);
}

static void test_yaml__what_we_do_not_use__refused_with_line(void **state)
{
    (void)state;
    expect_refused("a: 1\nb: 2\na: 3\n", "f.yaml:3: the key 'a' is here twice");
    expect_refused("a: &x 1\n", "f.yaml:1: anchors and tags are not used here");
    expect_refused("a: 1\nb: *x\n", "f.yaml:2: aliases are not used here");
    expect_refused("a: !!int 1\n",
                   "f.yaml:1: anchors and tags are not used here");
    expect_refused("a: &x [1]\n",
                   "f.yaml:1: anchors and tags are not used here");
    expect_refused("a: 1\n---\nb: 2\n",
                   "f.yaml:2: a second document in one file");
    expect_refused("[a]: 1\n", "f.yaml:1: a key must be a plain text");
    expect_refused("- a\n", "f.yaml:1: expected a map of keys and values");
    expect_refused("", "f.yaml:1: expected a map of keys and values");
    expect_refused("a: [[[[[[[[1]]]]]]]]\n", "f.yaml:1: more than 8 levels");
}

static void test_yaml__not_yaml__refused(void **state)
{
    static const char *const texts[] = {
        "a: [1\n", "a: \"x\n", "\ta: 1\n", "a: b: c\n", "a: \xff\n", "%x\n"};

    (void)state;
    for (size_t i = 0; i < (sizeof(texts) / sizeof(texts[0])); i++) {
        struct dg_yaml yaml = parse(texts[i]);
        struct dg_problem problem = {""};

        assert_int_equal(dg_yaml_end(&yaml, &problem), DG_E_MALFORMED);
        assert_memory_equal(problem.text, "f.yaml:", 7);
        dg_yaml_free(&yaml);
    }
}

enum ask {
    ASK_TEXT,
    ASK_INT,
    ASK_LIST,
    ASK_MAP,
    ASK_CLOSE,
};

static void expect_answer(const char *text, enum ask ask, const char *message)
{
    struct dg_yaml yaml = parse(text);
    struct dg_problem problem = {""};

    switch (ask) {
    case ASK_TEXT:
        assert_string_equal(dg_yaml_text(&yaml, yaml.root, "k"), "");
        break;
    case ASK_INT:
        assert_int_equal(dg_yaml_int(&yaml, yaml.root, "k", 1, 5), 0);
        break;
    case ASK_LIST:
        assert_null(dg_yaml_list(&yaml, yaml.root, "k"));
        break;
    case ASK_MAP:
        assert_null(dg_yaml_map(&yaml, yaml.root, "k"));
        break;
    case ASK_CLOSE:
        (void)dg_yaml_text(&yaml, yaml.root, "k");
        dg_yaml_close(&yaml, yaml.root);
        break;
    }
    /* The first error sticks: a later one does not replace it. */
    (void)dg_yaml_text(&yaml, yaml.root, "later");
    assert_int_equal(dg_yaml_end(&yaml, &problem), DG_E_MALFORMED);
    assert_string_equal(problem.text, message);
    dg_yaml_free(&yaml);
}

static void test_yaml__wrong_or_missing_value__refused_with_line(void **state)
{
    (void)state;
    expect_answer("x: 1\n", ASK_TEXT, "f.yaml:1: the key 'k' is missing");
    expect_answer("\nk: [1]\n", ASK_TEXT, "f.yaml:2: 'k' must be a value");
    expect_answer("k:\n", ASK_TEXT, "f.yaml:1: 'k' must be a text");
    expect_answer("k: 1x\n", ASK_INT, "f.yaml:1: 'k' must be a whole number");
    expect_answer("k: ' 1'\n", ASK_INT, "f.yaml:1: 'k' must be a whole number");
    expect_answer("k: 99999999999999999999\n",
                  ASK_INT,
                  "f.yaml:1: 'k' must be a whole number");
    expect_answer("k: 6\n", ASK_INT, "f.yaml:1: 'k' must be 1 to 5");
    expect_answer("k: 0\n", ASK_INT, "f.yaml:1: 'k' must be 1 to 5");
    expect_answer("k: x\n", ASK_LIST, "f.yaml:1: 'k' must be a list");
    expect_answer("k: [x]\n", ASK_MAP, "f.yaml:1: 'k' must be a map");
    expect_answer(
        "k: x\nwrnog: y\n", ASK_CLOSE, "f.yaml:2: unknown key 'wrnog'");
}

static void test_yaml__too_many_values__refused(void **state)
{
    static char text[6U * (DG_YAML_NODES_MAX + 10U)];
    size_t used = 0;

    (void)state;
    memcpy(text, "k:\n", 3);
    used = 3;
    for (size_t i = 0; i < DG_YAML_NODES_MAX; i++) {
        memcpy(text + used, "- a\n", 4);
        used += 4U;
    }
    text[used] = '\0';

    struct dg_yaml yaml = parse(text);

    assert_int_equal(dg_yaml_end(&yaml, NULL), DG_E_MALFORMED);
    dg_yaml_free(&yaml);
}

static void test_yaml__no_file__says_so(void **state)
{
    struct dg_yaml yaml;
    struct dg_problem problem = {""};

    (void)state;
    dg_yaml_open(&yaml, "no/such/file.yaml");
    assert_int_equal(dg_yaml_end(&yaml, &problem), DG_E_PORT);
    assert_non_null(strstr(problem.text, "no/such/file.yaml"));
    dg_yaml_free(&yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml__all_kinds__read),
        cmocka_unit_test(test_yaml__what_we_do_not_use__refused_with_line),
        cmocka_unit_test(test_yaml__not_yaml__refused),
        cmocka_unit_test(test_yaml__wrong_or_missing_value__refused_with_line),
        cmocka_unit_test(test_yaml__too_many_values__refused),
        cmocka_unit_test(test_yaml__no_file__says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
