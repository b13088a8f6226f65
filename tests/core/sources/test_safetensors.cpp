#include "core/sources/safetensors.h"
#include "tests/core/support/weights_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weighbridge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::little_endian;
using testing::safetensors_bytes;

Result<SafetensorsHeader> read_safetensors_bytes(const std::string& bytes)
{
    MemorySource source(bytes);
    return read_safetensors(source, "model.safetensors");
}

std::string safetensors_refusal(const std::string& bytes)
{
    const auto header = read_safetensors_bytes(bytes);
    if (header)
        return "it was read";
    EXPECT_EQ(header.error().field, "model.safetensors");
    EXPECT_THAT(header.error().message, ::testing::StartsWith("model.safetensors: "));
    return header.error().message;
}

TEST(Safetensors, ReadsTypesShapesAndPlaces)
{
    const auto header = read_safetensors_bytes(safetensors_bytes(
        R"( {"__metadata__":{"format":"pt","nested":{"is":["skipped",1.5e3,null]}},
             "a.\u0041\u00e9\ud83d\ude00":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},
             "b":{"shape":[],"data_offsets":[12,16],"dtype":"F32","new_key":[{}]},
             "packed":{"dtype":"F4","shape":[4,8],"data_offsets":[16,32]},
             "none":{"dtype":"I64","shape":[0,7],"data_offsets":[32,32]},
             "video":{"dtype":"U8","shape":[2,2,2,2,2],"data_offsets":[32,64]}}  )",
        64));
    ASSERT_TRUE(header) << header.error().message;
    ASSERT_EQ(header->tensors.size(), 5U);
    EXPECT_EQ(header->tensors[0].name, "a.A\xC3\xA9\xF0\x9F\x98\x80");
    EXPECT_EQ(header->tensors[0].type->name, "BF16");
    EXPECT_EQ(header->tensors[0].bytes, 12);
    EXPECT_THAT(header->tensors[0].shape, ElementsAre(2, 3, 1, 1));
    EXPECT_EQ(header->tensors[1].elements, 1);
    EXPECT_EQ(header->tensors[2].bytes, 16);
    EXPECT_EQ(header->tensors[3].elements, 0);
    EXPECT_THAT(header->tensors[4].shape, ElementsAre(2, 2, 2, 4));
}

TEST(Safetensors, EveryPrefixIsRefused)
{
    const std::string whole = safetensors_bytes(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
    ASSERT_TRUE(read_safetensors_bytes(whole));
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(read_safetensors_bytes(whole.substr(0, length))) << length;
}

TEST(Safetensors, RefusesHeadersThatLie)
{
    struct Case
    {
        std::string bytes;
        const char* says;
    };
    const auto one = [](const char* entry, std::size_t data = 8) {
        return safetensors_bytes("{\"t\":" + std::string(entry) + "}", data);
    };
    const Case cases[] = {
        {little_endian(~std::uint64_t{0}, 8) + "{}",
         "length of its header is 18446744073709551615; at most 100,000,000"},
        {little_endian(1000, 8) + "{}", "length of its header is 1,000, but only 2 bytes follow"},
        {safetensors_bytes(""), "can't be read at byte 0"},
        {safetensors_bytes("[]"), "can't be read at byte 0"},
        {safetensors_bytes("{\"t\":{\"dtype\":\"F32\""), "can't be read"},
        {safetensors_bytes("{\"t\":1}", 8), "can't be read"},
        {safetensors_bytes("{} x"), "can't be read at byte 3"},
        {safetensors_bytes("{,}"), "can't be read"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"), "can't be read"},
        {one(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), "can't be read"},
        {one(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})"), "can't be read"},
        {one(R"({"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]})"), "can't be read"},
        {one(R"({"dtype":"F3\u00zz","shape":[2],"data_offsets":[0,8]})"), "can't be read"},
        {one(R"({"dtype":"\ud800x","shape":[2],"data_offsets":[0,8]})"), "can't be read"},
        {one(R"({"dtype":"F31","shape":[2],"data_offsets":[0,8]})"), "tensor \"t\" has dtype \"F31\""},
        {one(R"({"shape":[2],"data_offsets":[0,8]})"), "tensor \"t\" has dtype \"\""},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,9]})"), "data_offsets of 3 numbers"},
        {one(R"({"dtype":"F32","shape":[2]})"), "data_offsets of 0 numbers"},
        {one(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), "its shape and F32 make 12 bytes"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), "data_offsets [8, 0]"},
        {one(R"({"dtype":"F32","shape":[4],"data_offsets":[0,16]})"),
         "holds 8 bytes of tensors; it may not be complete"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551615]})"),
         "data_offsets [18446744073709551608, 18446744073709551615]"},
        {one(R"({"dtype":"U8","shape":[4294967296,4294967296,16],"data_offsets":[0,8]})"),
         "tensor \"t\" has dimension 1 of 4,294,967,296"},
        {one(R"({"dtype":"F4","shape":[3],"data_offsets":[0,2]})", 2), "3 elements, which are no whole bytes of F4"},
        {one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})"), "its tensors end at byte 4 of 8"},
        {one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})"), "no tensor owns the bytes from 0 to 4"},
        {safetensors_bytes(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                               "b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                           8),
         "tensor \"b\" at offset 4 overlaps tensor \"a\""},
        {safetensors_bytes("{\"__metadata__\":" + std::string(100'000, '[') + "}"), "can't be read"},
        {safetensors_bytes("{\"t" + std::string(100'000, 't')), "can't be read"},
    };
    for (const Case& c : cases)
        EXPECT_THAT(safetensors_refusal(c.bytes), HasSubstr(c.says)) << c.bytes.substr(0, 120);
}

TEST(SafetensorsIndex, GivesEachTensorItsFile)
{
    const auto index = read_safetensors_index(
        R"({"metadata":{"total_size":12},"weight_map":{"a":"model-00001-of-00002.safetensors",
            "b":"model-00002-of-00002.safetensors","c":"model-00001-of-00002.safetensors"}})",
        "index");
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_THAT(index->files, ElementsAre("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"));
    EXPECT_EQ(index->tensor_file.at("b"), 1U);
    EXPECT_EQ(index->tensor_file.at("c"), 0U);
}

TEST(SafetensorsIndex, RefusesWhatLeadsElsewhere)
{
    const std::pair<const char*, const char*> cases[] = {
        {R"({"weight_map":{"a":"../other/model.safetensors"}})", "no file of the same folder"},
        {R"({"weight_map":{"a":"/etc/passwd"}})", "no file of the same folder"},
        {R"({"weight_map":{"a":".."}})", "no file of the same folder"},
        {R"({"weight_map":{"a":""}})", "no file of the same folder"},
        {R"({"weight_map":{"a":"x\u0000y"}})", "no file of the same folder"},
        {R"({"weight_map":{"a":1}})", "can't be read"},
        {R"({"weight_map":{}})", "weight_map is missing or empty"},
        {R"({"metadata":{}})", "weight_map is missing or empty"},
        {R"([])", "can't be read at byte 0"},
        {"", "can't be read at byte 0"},
        {R"({"weight_map":{"a":"b"}}})", "can't be read"},
    };
    for (const auto& [text, says] : cases) {
        const auto index = read_safetensors_index(text, "index");
        ASSERT_FALSE(index) << text;
        EXPECT_THAT(index.error().message, HasSubstr(says)) << text;
    }
}

} // namespace
} // namespace weighbridge
