#include "tests/ui/hub/printers.h"
#include "ui/hub/hub_json.h"

#include <gtest/gtest.h>
#include <string>

namespace weighbridge::test {
namespace {

struct Shaped
{
    const char* name;
    QByteArray bytes;
    JsonShape shape;
};

class Shape : public ::testing::TestWithParam<Shaped>
{
};

TEST_P(Shape, isSeenFromOutside)
{
    EXPECT_EQ(jsonShape(GetParam().bytes), GetParam().shape);
    EXPECT_EQ(looksLikeJsonObject(GetParam().bytes), GetParam().shape == JsonShape::Object);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Shape,
    ::testing::Values(
        Shaped{"Object", R"({"a": 1})", JsonShape::Object}, Shaped{"EmptyObject", "{}", JsonShape::Object},
        Shaped{"WhiteSpace", " \r\n\t{}\n ", JsonShape::Object},
        Shaped{"ByteOrderMark", "\xEF\xBB\xBF{\"a\": 1}", JsonShape::Object},
        Shaped{"PythonNumbers", R"({"a": NaN, "b": Infinity, "c": -Infinity})", JsonShape::Object},
        Shaped{"BracketsInString", R"({"a": "}]{["})", JsonShape::Object},
        Shaped{"EscapedQuote", R"({"a": "\"}"})", JsonShape::Object},
        Shaped{"EscapedBackslash", R"({"a": "\\"})", JsonShape::Object},
        Shaped{"Nested100000", QByteArray(100'000, '[').prepend("{\"a\":").append(QByteArray(100'000, ']')).append('}'),
               JsonShape::Object},
        Shaped{"Nested100000Open", QByteArray(100'000, '{'), JsonShape::Unfinished},
        Shaped{"List", R"([{"a": 1}])", JsonShape::OtherJson}, Shaped{"String", R"("a")", JsonShape::OtherJson},
        Shaped{"Number", "-1.5e3", JsonShape::OtherJson}, Shaped{"Null", "null", JsonShape::OtherJson},
        Shaped{"True", "true\n", JsonShape::OtherJson}, Shaped{"Nan", "NaN", JsonShape::OtherJson},
        Shaped{"CutInObject", R"({"a": {"b": 1})", JsonShape::Unfinished},
        Shaped{"CutInString", R"({"a": "b)", JsonShape::Unfinished},
        Shaped{"CutInEscape", "{\"a\": \"b\\", JsonShape::Unfinished},
        Shaped{"CutInList", "[1, 2", JsonShape::Unfinished}, Shaped{"Empty", "", JsonShape::NotJson},
        Shaped{"Blank", " \n", JsonShape::NotJson}, Shaped{"MarkOnly", "\xEF\xBB\xBF", JsonShape::NotJson},
        Shaped{"WebPage", "<!doctype html><html>{}</html>", JsonShape::NotJson},
        Shaped{"Words", "Entry not found", JsonShape::NotJson},
        Shaped{"StatusLine", "404 page not found", JsonShape::NotJson},
        Shaped{"Pointer", "version https://git-lfs.github.com/spec/v1\n", JsonShape::NotJson},
        Shaped{"RestAfterObject", "{} {}", JsonShape::NotJson}, Shaped{"ClosedFirst", "}{", JsonShape::NotJson},
        Shaped{"OpenString", "\"a", JsonShape::NotJson},
        Shaped{"Utf16", QByteArray("\xFF\xFE{\0}\0", 6), JsonShape::NotJson},
        Shaped{"Zeros", QByteArray(64, '\0'), JsonShape::NotJson}),
    [](const auto& row) { return std::string(row.param.name); });

} // namespace
} // namespace weighbridge::test
