/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/cbor.h"

/* A literal without its final zero: in a table, and in an expression. */
#define ROW(text)                                  \
    {                                              \
        (const uint8_t *)(text), sizeof(text) - 1U \
    }
#define BYTES(text) ((dg_span)ROW(text))

static struct dg_cbor_reader reader_of(dg_span bytes)
{
    struct dg_cbor_reader reader;

    dg_cbor_reader_init(&reader, bytes);
    return reader;
}

/* Integers of RFC 8949, appendix A, and the edges of each size. */
struct integer {
    dg_span bytes;
    int64_t value;
};

static const struct integer integers[] = {
    {ROW("\x00"), 0},
    {ROW("\x17"), 23},
    {ROW("\x18\x18"), 24},
    {ROW("\x18\xff"), 255},
    {ROW("\x19\x01\x00"), 256},
    {ROW("\x19\x03\xe8"), 1000},
    {ROW("\x19\xff\xff"), 65535},
    {ROW("\x1a\x00\x01\x00\x00"), 65536},
    {ROW("\x1a\xff\xff\xff\xff"), 4294967295},
    {ROW("\x1b\x00\x00\x00\x01\x00\x00\x00\x00"), 4294967296},
    {ROW("\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00"), 1000000000000},
    {ROW("\x1b\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX},
    {ROW("\x20"), -1},
    {ROW("\x37"), -24},
    {ROW("\x38\x18"), -25},
    {ROW("\x38\x63"), -100},
    {ROW("\x39\x03\xe7"), -1000},
    {ROW("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MIN},
};

static void test_cbor_int__listed__both_ways(void **state)
{
    (void)state;
    for (size_t i = 0U; i < sizeof integers / sizeof integers[0]; i++) {
        struct dg_cbor_reader reader = reader_of(integers[i].bytes);
        struct dg_cbor_writer writer;
        uint8_t room[16];
        dg_span written;

        assert_true(dg_cbor_read_int(&reader) == integers[i].value);
        assert_int_equal(dg_cbor_reader_end(&reader), DG_OK);
        dg_cbor_writer_init(&writer, DG_BUF_OF(room));
        dg_cbor_write_int(&writer, integers[i].value);
        assert_int_equal(dg_cbor_writer_end(&writer, &written), DG_OK);
        assert_int_equal(written.size, integers[i].bytes.size);
        assert_memory_equal(
            written.at, integers[i].bytes.at, integers[i].bytes.size);
    }
}

static void test_cbor_int__beyond_int64__range(void **state)
{
    const dg_span beyond[] = {
        ROW("\x1b\x80\x00\x00\x00\x00\x00\x00\x00"),
        ROW("\x3b\x80\x00\x00\x00\x00\x00\x00\x00"),
        ROW("\x3b\xff\xff\xff\xff\xff\xff\xff\xff"),
    };

    (void)state;
    for (size_t i = 0U; i < 3U; i++) {
        struct dg_cbor_reader reader = reader_of(beyond[i]);

        assert_true(dg_cbor_read_int(&reader) == 0);
        assert_int_equal(dg_cbor_reader_end(&reader), DG_E_RANGE);
    }

    struct dg_cbor_reader reader = reader_of(beyond[0]);

    assert_true(dg_cbor_read_uint(&reader) == 0x8000000000000000U);
    assert_int_equal(dg_cbor_reader_end(&reader), DG_OK);
}

static void test_cbor_uint_max__at_and_above__ok_and_range(void **state)
{
    struct dg_cbor_reader reader = reader_of(BYTES("\x18\x64\x18\x65"));

    (void)state;
    assert_int_equal(dg_cbor_read_uint_max(&reader, 100U), 100);
    assert_int_equal(reader.status, DG_OK);
    assert_int_equal(dg_cbor_read_uint_max(&reader, 100U), 0);
    assert_int_equal(dg_cbor_reader_end(&reader), DG_E_RANGE);
}

/* One row per rule: what dg_cbor_read_any() says to it. */
struct verdict {
    dg_span bytes;
    enum dg_status status;
};

static const struct verdict verdicts[] = {
    /* Accepted. */
    {ROW("\x00"), DG_OK},
    {ROW("\xf4"), DG_OK},
    {ROW("\xf5"), DG_OK},
    {ROW("\xf6"), DG_OK},
    {ROW("\x40"), DG_OK},
    {ROW("\x60"), DG_OK},
    {ROW("\x80"), DG_OK},
    {ROW("\xa0"), DG_OK},
    {ROW("\x44\x01\x02\x03\x04"), DG_OK},
    {ROW("\x64IETF"), DG_OK},
    {ROW("\x62\xc3\xbc"), DG_OK},
    {ROW("\x63\xe6\xb0\xb4"), DG_OK},
    {ROW("\x64\xf0\x90\x85\x91"), DG_OK},
    {ROW("\x64\xf4\x8f\xbf\xbf"), DG_OK},
    {ROW("\x63\xed\x9f\xbf"), DG_OK},
    {ROW("\x83\x01\x82\x02\x03\x82\x04\x05"), DG_OK},
    {ROW("\xa2\x01\x02\x03\x04"), DG_OK},
    {ROW("\xa2\x00\x80\x01\xa1\x02\x03"), DG_OK},
    {ROW("\xa4\x17\x00\x18\x18\x00\x20\x00\x40\x00"), DG_OK},
    {ROW("\xa2\x40\x00\x60\x00"), DG_OK},
    {ROW("\xc0\x00"), DG_OK},
    {ROW("\xd2\x84\x40\xa0\xf6\x40"), DG_OK},
    {ROW("\x81\x81\x81\x81\x00"), DG_OK},
    /* Too deep: a fifth container inside four. */
    {ROW("\x81\x81\x81\x81\x80"), DG_E_MALFORMED},
    {ROW("\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa0"), DG_E_MALFORMED},
    {ROW("\xc0\xc0\xc0\xc0\xc0\x00"), DG_E_MALFORMED},
    /* Longer than needed. */
    {ROW("\x18\x17"), DG_E_MALFORMED},
    {ROW("\x19\x00\xff"), DG_E_MALFORMED},
    {ROW("\x1a\x00\x00\xff\xff"), DG_E_MALFORMED},
    {ROW("\x1b\x00\x00\x00\x00\xff\xff\xff\xff"), DG_E_MALFORMED},
    {ROW("\x38\x17"), DG_E_MALFORMED},
    {ROW("\x58\x01\x00"), DG_E_MALFORMED},
    {ROW("\x78\x01\x61"), DG_E_MALFORMED},
    {ROW("\x98\x01\x00"), DG_E_MALFORMED},
    {ROW("\xb8\x01\x00\x00"), DG_E_MALFORMED},
    {ROW("\xd8\x12\x00"), DG_E_MALFORMED},
    /* Indefinite and reserved. */
    {ROW("\x5f\x41\x00\xff"), DG_E_MALFORMED},
    {ROW("\x7f\xff"), DG_E_MALFORMED},
    {ROW("\x9f\xff"), DG_E_MALFORMED},
    {ROW("\xbf\xff"), DG_E_MALFORMED},
    {ROW("\xff"), DG_E_MALFORMED},
    {ROW("\x1c"), DG_E_MALFORMED},
    {ROW("\x1d"), DG_E_MALFORMED},
    {ROW("\x1e"), DG_E_MALFORMED},
    {ROW("\x1f"), DG_E_MALFORMED},
    /* Floats and other simple values. */
    {ROW("\xf9\x3c\x00"), DG_E_MALFORMED},
    {ROW("\xfa\x47\xc3\x50\x00"), DG_E_MALFORMED},
    {ROW("\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a"), DG_E_MALFORMED},
    {ROW("\xe0"), DG_E_MALFORMED},
    {ROW("\xf3"), DG_E_MALFORMED},
    {ROW("\xf7"), DG_E_MALFORMED},
    {ROW("\xf8\x14"), DG_E_MALFORMED},
    {ROW("\xf8\xff"), DG_E_MALFORMED},
    /* Text that is not UTF-8: stray, overlong, surrogate, too high, cut. */
    {ROW("\x61\x80"), DG_E_MALFORMED},
    {ROW("\x62\xc1\x81"), DG_E_MALFORMED},
    {ROW("\x63\xe0\x9f\xbf"), DG_E_MALFORMED},
    {ROW("\x64\xf0\x8f\xbf\xbf"), DG_E_MALFORMED},
    {ROW("\x63\xed\xa0\x80"), DG_E_MALFORMED},
    {ROW("\x64\xf4\x90\x80\x80"), DG_E_MALFORMED},
    {ROW("\x64\xf5\x80\x80\x80"), DG_E_MALFORMED},
    {ROW("\x61\xc3"), DG_E_MALFORMED},
    {ROW("\x62\xe6\xb0"), DG_E_MALFORMED},
    {ROW("\x62\xc3\x41"), DG_E_MALFORMED},
    /* ... where the missing byte is the next item. */
    {ROW("\x82\x61\xc3\x80"), DG_E_MALFORMED},
    {ROW("\x63\xe6\xb0\xc0"), DG_E_MALFORMED},
    /* Order of keys, repeated keys, keys that are containers or simple. */
    {ROW("\xa2\x01\x00\x00\x00"), DG_E_MALFORMED},
    {ROW("\xa2\x01\x00\x01\x00"), DG_E_MALFORMED},
    {ROW("\xa2\x20\x00\x18\x18\x00"), DG_E_MALFORMED},
    {ROW("\xa2\x61\x62\x00\x61\x61\x00"), DG_E_MALFORMED},
    {ROW("\xa1\x80\x00"), DG_E_MALFORMED},
    {ROW("\xa1\xf4\x00"), DG_E_MALFORMED},
    {ROW("\xa1\xc0\x00\x00"), DG_E_MALFORMED},
    /* Cut short. */
    {ROW(""), DG_E_TRUNCATED},
    {ROW("\x18"), DG_E_TRUNCATED},
    {ROW("\x19\x01"), DG_E_TRUNCATED},
    {ROW("\x41"), DG_E_TRUNCATED},
    {ROW("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), DG_E_TRUNCATED},
    {ROW("\x81"), DG_E_TRUNCATED},
    {ROW("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00"), DG_E_TRUNCATED},
    {ROW("\xbb\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00"), DG_E_TRUNCATED},
    {ROW("\xa1\x00"), DG_E_TRUNCATED},
    {ROW("\xc0"), DG_E_TRUNCATED},
    /* What dg_cbor_read_int() could not read either. */
    {ROW("\x3b\x80\x00\x00\x00\x00\x00\x00\x00"), DG_E_RANGE},
    /* Something after it. */
    {ROW("\x00\x00"), DG_E_TRAILING},
    {ROW("\xa0\x00"), DG_E_TRAILING},
};

static void test_cbor_any__listed__its_status(void **state)
{
    int wrong = 0;

    (void)state;
    for (size_t i = 0U; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        struct dg_cbor_reader reader = reader_of(verdicts[i].bytes);
        const dg_span item = dg_cbor_read_any(&reader);
        const enum dg_status status = dg_cbor_reader_end(&reader);

        if (status != verdicts[i].status) {
            print_error("row %zu: got %s, want %s\n",
                        i,
                        dg_status_name(status),
                        dg_status_name(verdicts[i].status));
            wrong++;
        }
        if (status == DG_OK) {
            assert_ptr_equal(item.at, verdicts[i].bytes.at);
            assert_int_equal(item.size, verdicts[i].bytes.size);
        }
        if ((status != DG_OK) && (status != DG_E_TRAILING)) {
            assert_null(item.at);
            assert_int_equal(item.size, 0);
        }
    }
    assert_int_equal(wrong, 0);
}

/* An accepted item stops being one at every shorter length. */
/* @verifies{FDP_ITC.2@1} */
static void test_cbor_any__cut_anywhere__truncated(void **state)
{
    const dg_span whole = BYTES("\xd2\x84\x43\xa1\x01\x26\xa1\x04\x41\x0b\x62"
                                "hi\x83\x19\x01\x00\x38\x63\xf5");

    (void)state;
    for (size_t size = 0U; size < whole.size; size++) {
        struct dg_cbor_reader reader = reader_of((dg_span){whole.at, size});

        (void)dg_cbor_read_any(&reader);
        assert_int_equal(dg_cbor_reader_end(&reader), DG_E_TRUNCATED);
    }
}

static void test_cbor_peek__each_type__named(void **state)
{
    static const enum dg_cbor_type types[] = {DG_CBOR_UINT,
                                              DG_CBOR_NINT,
                                              DG_CBOR_BSTR,
                                              DG_CBOR_TSTR,
                                              DG_CBOR_ARRAY,
                                              DG_CBOR_MAP,
                                              DG_CBOR_TAG};

    (void)state;
    for (unsigned byte = 0U; byte <= 0xFFU; byte++) {
        const uint8_t first = (uint8_t)byte;
        struct dg_cbor_reader reader = reader_of((dg_span){&first, 1U});
        enum dg_cbor_type want = DG_CBOR_NONE;

        if ((byte < 0xE0U) && ((byte & 0x1FU) < 28U)) {
            want = types[byte >> 5];
        }
        if ((byte == 0xF4U) || (byte == 0xF5U)) {
            want = DG_CBOR_BOOL;
        }
        if (byte == 0xF6U) {
            want = DG_CBOR_NULL;
        }
        assert_int_equal(dg_cbor_peek(&reader), want);
        assert_int_equal(reader.status, DG_OK);
        assert_int_equal(reader.rest.size, 1);
        dg_cbor_reader_fail(&reader, DG_E_RANGE);
        assert_int_equal(dg_cbor_peek(&reader), DG_CBOR_NONE);
    }
}

static void test_cbor_error__first_one__sticks_and_reads_give_nothing(
    void **state)
{
    struct dg_cbor_reader reader =
        reader_of(BYTES("\x60\x01\x41\x55\x61\x55\x81\x00\xf5\xc1\x00"));
    struct dg_cbor_map map;
    int64_t key = 77;

    (void)state;
    assert_int_equal(dg_cbor_read_uint(&reader), 0);
    assert_int_equal(reader.status, DG_E_MALFORMED);
    dg_cbor_reader_fail(&reader, DG_E_RANGE);
    assert_int_equal(dg_cbor_read_uint(&reader), 0);
    assert_true(dg_cbor_read_int(&reader) == 0);
    assert_null(dg_cbor_read_bstr(&reader).at);
    assert_null(dg_cbor_read_bstr_exact(&reader, 0U).at);
    assert_null(dg_cbor_read_tstr(&reader).at);
    assert_int_equal(dg_cbor_read_array(&reader), 0);
    assert_false(dg_cbor_read_bool(&reader));
    assert_int_equal(dg_cbor_read_tag(&reader), 0);
    dg_cbor_read_null(&reader);
    assert_null(dg_cbor_read_any(&reader).at);
    dg_cbor_read_map(&reader, &map);
    assert_int_equal(map.left, 0);
    assert_false(dg_cbor_map_next(&reader, &map, &key));
    assert_int_equal(key, 77);
    assert_int_equal(dg_cbor_reader_end(&reader), DG_E_MALFORMED);
}

/* Each typed read against each type: only its own is accepted. */
static void test_cbor_typed__other_type__malformed(void **state)
{
    static const dg_span items[] = {ROW("\x01"),
                                    ROW("\x20"),
                                    ROW("\x40"),
                                    ROW("\x60"),
                                    ROW("\x80"),
                                    ROW("\xa0"),
                                    ROW("\xc1\x00"),
                                    ROW("\xf5"),
                                    ROW("\xf6")};

    (void)state;
    for (size_t item = 0U; item < 9U; item++) {
        for (size_t read = 0U; read < 9U; read++) {
            struct dg_cbor_reader reader = reader_of(items[item]);
            struct dg_cbor_map map;

            switch (read) {
            case 0:
                (void)dg_cbor_read_uint(&reader);
                break;
            case 1:
                (void)dg_cbor_read_int(&reader);
                break;
            case 2:
                (void)dg_cbor_read_bstr(&reader);
                break;
            case 3:
                (void)dg_cbor_read_tstr(&reader);
                break;
            case 4:
                (void)dg_cbor_read_array(&reader);
                break;
            case 5:
                dg_cbor_read_map(&reader, &map);
                break;
            case 6:
                (void)dg_cbor_read_tag(&reader);
                break;
            case 7:
                (void)dg_cbor_read_bool(&reader);
                break;
            default:
                dg_cbor_read_null(&reader);
                break;
            }

            const bool fits = (item == read) || ((item == 0U) && (read == 1U));

            assert_int_equal(reader.status, fits ? DG_OK : DG_E_MALFORMED);
        }
    }
}

static void test_cbor_bstr_exact__other_size__range(void **state)
{
    const dg_span two = BYTES("\x42\x01\x02");

    (void)state;
    for (size_t size = 0U; size < 5U; size++) {
        struct dg_cbor_reader reader = reader_of(two);
        const dg_span bytes = dg_cbor_read_bstr_exact(&reader, size);

        assert_int_equal(reader.status, (size == 2U) ? DG_OK : DG_E_RANGE);
        assert_int_equal(bytes.size, (size == 2U) ? 2U : 0U);
    }
}

static void test_cbor_map_next__in_order__every_pair(void **state)
{
    struct dg_cbor_reader reader =
        reader_of(BYTES("\xa4\x00\x0a\x18\x64\x0b\x20\x0c\x38\x63\x0d"));
    static const int64_t want[] = {0, 100, -1, -100};
    struct dg_cbor_map map;
    size_t pairs = 0U;
    int64_t key = 0;

    (void)state;
    dg_cbor_read_map(&reader, &map);
    while (dg_cbor_map_next(&reader, &map, &key)) {
        assert_true(pairs < 4U);
        assert_true(key == want[pairs]);
        assert_int_equal(dg_cbor_read_uint(&reader), 10U + pairs);
        pairs++;
    }
    assert_int_equal(pairs, 4);
    assert_int_equal(dg_cbor_reader_end(&reader), DG_OK);
}

/* Each pair takes two bytes at least: refused at the head, not at the end. */
static void test_cbor_heads__more_items_than_bytes__truncated(void **state)
{
    struct dg_cbor_reader reader = reader_of(BYTES("\xa2\x00\x00\x01"));
    struct dg_cbor_map map;

    (void)state;
    dg_cbor_read_map(&reader, &map);
    assert_int_equal(reader.status, DG_E_TRUNCATED);
    assert_int_equal(map.left, 0);
    reader = reader_of(BYTES("\x83\x00\x00"));
    assert_int_equal(dg_cbor_read_array(&reader), 0);
    assert_int_equal(reader.status, DG_E_TRUNCATED);
}

static void test_cbor_map_next__bad_keys__malformed(void **state)
{
    static const dg_span maps[] = {
        ROW("\xa2\x01\x00\x01\x00"),
        ROW("\xa2\x01\x00\x00\x00"),
        ROW("\xa2\x20\x00\x00\x00"),
        ROW("\xa2\x18\x64\x00\x01\x00"),
        ROW("\xa2\x01\x00\x41\x61\x00"),
        ROW("\xa2\x01\x00\x61\x61\x00"),
    };

    (void)state;
    for (size_t i = 0U; i < sizeof maps / sizeof maps[0]; i++) {
        struct dg_cbor_reader reader = reader_of(maps[i]);
        struct dg_cbor_map map;
        int64_t key = 0;
        unsigned pairs = 0U;

        dg_cbor_read_map(&reader, &map);
        while (dg_cbor_map_next(&reader, &map, &key)) {
            (void)dg_cbor_read_uint(&reader);
            pairs++;
        }
        assert_int_equal(pairs, 1);
        assert_int_equal(dg_cbor_reader_end(&reader), DG_E_MALFORMED);
    }
}

static void write_sample(struct dg_cbor_writer *writer)
{
    dg_cbor_write_tag(writer, 18U);
    dg_cbor_write_array(writer, 6U);
    dg_cbor_write_bstr(writer, BYTES("\x01\x02"));
    dg_cbor_write_map(writer, 2U);
    dg_cbor_write_uint(writer, 4U);
    dg_cbor_write_tstr(writer, "kid");
    dg_cbor_write_int(writer, -1);
    dg_cbor_write_null(writer);
    dg_cbor_write_bool(writer, true);
    dg_cbor_write_bool(writer, false);
    dg_cbor_write_bstr_head(writer, 300U);
    for (unsigned i = 0U; i < 300U; i++) {
        dg_cbor_write_raw(writer, BYTES("\xee"));
    }
    dg_cbor_write_tstr_span(writer, BYTES("h\xc3\xbc"));
}

#define SAMPLE_HEAD \
    "\xd2\x86\x42\x01\x02\xa2\x04\x63kid\x20\xf6\xf5\xf4\x59\x01\x2c"
#define SAMPLE_SIZE (sizeof(SAMPLE_HEAD) - 1U + 300U + 4U)

static void test_cbor_writer__sample__bytes_that_read_any_accepts(void **state)
{
    struct dg_cbor_writer writer;
    uint8_t room[SAMPLE_SIZE];
    dg_span written;

    (void)state;
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    write_sample(&writer);
    assert_int_equal(dg_cbor_writer_end(&writer, &written), DG_OK);
    assert_int_equal(written.size, SAMPLE_SIZE);
    assert_memory_equal(written.at, SAMPLE_HEAD, sizeof(SAMPLE_HEAD) - 1U);
    assert_memory_equal(&room[SAMPLE_SIZE - 4U], "\x63h\xc3\xbc", 4U);

    struct dg_cbor_reader reader = reader_of(written);

    assert_int_equal(dg_cbor_read_any(&reader).size, SAMPLE_SIZE);
    assert_int_equal(dg_cbor_reader_end(&reader), DG_OK);
}

static void test_cbor_writer__any_smaller_room__no_space_and_no_overrun(
    void **state)
{
    (void)state;
    for (size_t capacity = 0U; capacity < SAMPLE_SIZE; capacity++) {
        struct dg_cbor_writer writer;
        uint8_t room[SAMPLE_SIZE + 1U];
        dg_span written = {room, 1U};

        room[capacity] = 0x5AU;
        dg_cbor_writer_init(&writer, (dg_buf){room, capacity});
        write_sample(&writer);
        assert_int_equal(dg_cbor_writer_end(&writer, &written), DG_E_NO_SPACE);
        assert_null(written.at);
        assert_int_equal(written.size, 0);
        assert_int_equal(room[capacity], 0x5A);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cbor_int__listed__both_ways),
        cmocka_unit_test(test_cbor_int__beyond_int64__range),
        cmocka_unit_test(test_cbor_uint_max__at_and_above__ok_and_range),
        cmocka_unit_test(test_cbor_any__listed__its_status),
        cmocka_unit_test(test_cbor_any__cut_anywhere__truncated),
        cmocka_unit_test(test_cbor_peek__each_type__named),
        cmocka_unit_test(
            test_cbor_error__first_one__sticks_and_reads_give_nothing),
        cmocka_unit_test(test_cbor_typed__other_type__malformed),
        cmocka_unit_test(test_cbor_bstr_exact__other_size__range),
        cmocka_unit_test(test_cbor_map_next__in_order__every_pair),
        cmocka_unit_test(test_cbor_heads__more_items_than_bytes__truncated),
        cmocka_unit_test(test_cbor_map_next__bad_keys__malformed),
        cmocka_unit_test(test_cbor_writer__sample__bytes_that_read_any_accepts),
        cmocka_unit_test(
            test_cbor_writer__any_smaller_room__no_space_and_no_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
