#include "core/sources/gguf.h"
#include "tests/core/support/weights_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace weighbridge {
namespace {

using testing::GgufBytes;
using ::testing::HasSubstr;
using testing::little_endian;

constexpr std::uint32_t f32 = 0, q4_k = 12;
constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();

/// Counts what is read, so that a test can say that nothing else was.
class CountingSource : public MemorySource
{
public:
    using MemorySource::MemorySource;
    Result<std::string_view> read(std::uint64_t offset, std::size_t length) override
    {
        bytes_read += length;
        return MemorySource::read(offset, length);
    }
    std::uint64_t bytes_read = 0;
};

Result<GgufHeader> read_gguf_bytes(const std::string& bytes)
{
    MemorySource source(bytes);
    return read_gguf(source, "file.gguf");
}

std::string gguf_refusal(const std::string& bytes)
{
    const auto header = read_gguf_bytes(bytes);
    if (header)
        return "it was read";
    EXPECT_EQ(header.error().field, "file.gguf");
    EXPECT_THAT(header.error().message, ::testing::StartsWith("file.gguf: "));
    return header.error().message;
}

TEST(Gguf, ReadsValuesAndTensors)
{
    GgufBytes file;
    file.string("general.architecture", "llama")
        .u32("llama.block_count", 32)
        .flag("llama.flag", true)
        .i32s("llama.attention.head_count_kv", {8, 0, 4})
        .entry("llama.scale", 6, little_endian(0x3FC00000, 4))
        .entry("llama.negative", 5, little_endian(0xFFFFFFFF, 4))
        .strings("tokenizer.ggml.tokens", 1000, "token")
        .tensor("output_norm.weight", {64}, f32, 0)
        .tensor("blk.0.attn_q.weight", {256, 3}, q4_k, 256);
    const auto header = read_gguf_bytes(file.bytes(256 + 432));
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->text("general.architecture"), "llama");
    EXPECT_EQ(header->integer("llama.block_count"), 32);
    EXPECT_EQ(header->integer("llama.flag"), 1);
    EXPECT_EQ(header->real("llama.scale"), 1.5);
    EXPECT_EQ(header->real("llama.block_count"), 32);
    EXPECT_EQ(header->integer("llama.negative"), -1);
    EXPECT_EQ(header->list("llama.attention.head_count_kv")->numbers, (std::vector<std::int64_t>{8, 0, 4}));
    EXPECT_EQ(header->list("tokenizer.ggml.tokens")->length, 1000U);
    EXPECT_TRUE(header->list("tokenizer.ggml.tokens")->numbers.empty());
    EXPECT_FALSE(header->integer("general.architecture"));
    EXPECT_FALSE(header->text("not.there"));
    ASSERT_EQ(header->tensors.size(), 2U);
    EXPECT_EQ(header->tensors[1].name, "blk.0.attn_q.weight");
    EXPECT_EQ(header->tensors[1].type->name, "Q4_K");
    EXPECT_EQ(header->tensors[1].elements, 768);
    EXPECT_EQ(header->tensors[1].bytes, 3 * 144);
    EXPECT_EQ(header->data_offset % 32, 0U);
}

TEST(Gguf, ReadsNothingBehindTheHeaderAndSkipsLongLists)
{
    GgufBytes file;
    file.entry("tokenizer.ggml.scores", 9,
               little_endian(6, 4) + little_endian(1'000'000, 8) + std::string(4'000'000, 'x'))
        .string("general.architecture", "llama")
        .tensor("t", {8'000'000}, f32, 0);
    const std::string bytes = file.bytes(32'000'000);
    CountingSource source(bytes);
    const auto header = read_gguf(source, "file.gguf");
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_LE(source.bytes_read, 200'000U);
}

TEST(Gguf, AlignmentIsTheFiles)
{
    GgufBytes file;
    file.u32("general.alignment", 64).tensor("a", {8}, f32, 0).tensor("b", {8}, f32, 64);
    EXPECT_TRUE(read_gguf_bytes(file.bytes(160)));
    GgufBytes odd;
    odd.u32("general.alignment", 48);
    EXPECT_THAT(gguf_refusal(odd.bytes()), HasSubstr("general.alignment is 48; it must be a power of two"));
    GgufBytes zero;
    zero.u32("general.alignment", 0);
    EXPECT_THAT(gguf_refusal(zero.bytes()), HasSubstr("general.alignment is 0"));
}

TEST(Gguf, RefusesWhatIsNoGguf)
{
    EXPECT_THAT(gguf_refusal(""), HasSubstr("does not begin with \"GGUF\""));
    EXPECT_THAT(gguf_refusal("GGU"), HasSubstr("does not begin with \"GGUF\""));
    EXPECT_THAT(gguf_refusal("PK\x03\x04 and more"), HasSubstr("does not begin with \"GGUF\""));
    EXPECT_THAT(gguf_refusal("GGUF"), HasSubstr("it ends at byte 4"));
    GgufBytes old;
    old.version = 1;
    EXPECT_THAT(gguf_refusal(old.bytes()), HasSubstr("version is 1; 2 and 3 are read"));
    GgufBytes big_endian;
    big_endian.version = 0x03000000;
    EXPECT_THAT(gguf_refusal(big_endian.bytes()), HasSubstr("big-endian"));
}

TEST(Gguf, EveryPrefixOfAFileIsRefused)
{
    GgufBytes file;
    file.string("general.architecture", "llama")
        .i32s("list", {1, 2, 3})
        .strings("tokens", 5, "x")
        .tensor("t", {256, 2}, q4_k, 0);
    const std::string whole = file.bytes(288);
    ASSERT_TRUE(read_gguf_bytes(whole));
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(read_gguf_bytes(whole.substr(0, length))) << length;
}

// What llama.cpp's reader got wrong, with bytes made after the published descriptions.

// CVE-2024-21836 (TALOS-2024-1915): a tensor count whose product with the size of a descriptor wraps around.
TEST(GgufVulnerabilities, TensorCountBeyondTheFile)
{
    for (const std::uint64_t count : {huge, std::uint64_t{1} << 61U, std::uint64_t{1} << 32U, std::uint64_t{100}}) {
        GgufBytes file;
        file.tensor_count = count;
        EXPECT_THAT(gguf_refusal(file.bytes()), HasSubstr("tensor_count is "));
    }
}

// CVE-2024-23605 (TALOS-2024-1916): the same for the number of metadata entries.
TEST(GgufVulnerabilities, EntryCountBeyondTheFile)
{
    for (const std::uint64_t count : {huge, (std::uint64_t{1} << 63U) + 1, std::uint64_t{100'001}}) {
        GgufBytes file;
        file.entry_count = count;
        EXPECT_THAT(gguf_refusal(file.bytes()), HasSubstr("metadata_kv_count is "));
    }
}

// CVE-2024-23496 (TALOS-2024-1913): a text of 2^64 - 1 bytes, for which one byte more was allocated.
TEST(GgufVulnerabilities, TextLengthThatWraps)
{
    GgufBytes value;
    value.entry("general.name", 8, little_endian(huge, 8));
    EXPECT_THAT(gguf_refusal(value.bytes()), HasSubstr("\"general.name\" is 18446744073709551615"));
    GgufBytes key;
    key.entry_count = 1;
    std::string bytes = key.bytes();
    bytes.replace(24, 8, little_endian(huge, 8));
    EXPECT_THAT(gguf_refusal(bytes + std::string(64, 'x')), HasSubstr("a metadata key is 18446744073709551615"));
    GgufBytes element;
    element.entry("tokenizer.ggml.tokens", 9, little_endian(8, 4) + little_endian(1, 8) + little_endian(huge, 8));
    EXPECT_THAT(gguf_refusal(element.bytes()), HasSubstr("text 0 of \"tokenizer.ggml.tokens\""));
}

// CVE-2024-21825 (TALOS-2024-1912): a list whose length times the size of an element wraps around.
TEST(GgufVulnerabilities, ListLengthThatWraps)
{
    for (const std::uint32_t type : {4U, 8U, 12U})
        for (const std::uint64_t length : {huge, std::uint64_t{1} << 61U, (std::uint64_t{1} << 60U) + 1}) {
            GgufBytes file;
            file.entry("list", 9, little_endian(type, 4) + little_endian(length, 8) + std::string(64, '\0'));
            EXPECT_THAT(gguf_refusal(file.bytes()), HasSubstr("the length of \"list\" is "));
        }
}

// CVE-2024-21802 (TALOS-2024-1914): more dimensions than a descriptor has room for.
TEST(GgufVulnerabilities, TooManyDimensions)
{
    GgufBytes file;
    file.tensor("t", {1, 1, 1, 1, 1}, f32, 0);
    EXPECT_THAT(gguf_refusal(file.bytes(4)), HasSubstr("tensor \"t\" has 5 dimensions; at most 4"));
    GgufBytes many;
    many.tensor("t", std::vector<std::uint64_t>(1000, 1), f32, 0);
    EXPECT_THAT(gguf_refusal(many.bytes(4)), HasSubstr("has 1,000 dimensions"));
}

// CVE-2025-53630 and its bypass CVE-2026-27940: sizes of tensors whose padded sum wraps around.
TEST(GgufVulnerabilities, SumOfSizesThatWraps)
{
    GgufBytes file;
    for (int i = 0; i < 5; ++i)
        file.tensor("t" + std::to_string(i), {std::uint64_t{1} << 31U, std::uint64_t{1} << 18U}, f32, 0);
    EXPECT_THAT(gguf_refusal(file.bytes(64)), HasSubstr("but the file holds 64 bytes of tensors"));
}

// CVE-2026-33298: sizes whose product wraps around to a small number of elements.
TEST(GgufVulnerabilities, ProductOfSizesThatWraps)
{
    GgufBytes four;
    four.tensor("t",
                {std::uint64_t{1} << 16U, std::uint64_t{1} << 16U, std::uint64_t{1} << 16U, std::uint64_t{1} << 16U},
                f32, 0);
    EXPECT_THAT(gguf_refusal(four.bytes(64)), HasSubstr("tensor \"t\" has dimension 3 of 65,536"));
    for (const std::uint64_t size : {huge, std::uint64_t{1} << 63U, std::uint64_t{0}}) {
        GgufBytes one;
        one.tensor("t", {4, size}, f32, 0);
        EXPECT_THAT(gguf_refusal(one.bytes(64)), HasSubstr("tensor \"t\" has dimension 1 of ")) << size;
    }
}

// CVE-2025-49847: a token longer than 2^31 bytes, whose length became negative. Here the file has no such bytes; where
// it had, the text would be passed over unread.
TEST(GgufVulnerabilities, TokenLongerThanAnInteger)
{
    GgufBytes file;
    file.entry("tokenizer.ggml.tokens", 9,
               little_endian(8, 4) + little_endian(1, 8) + little_endian(0x80000001, 8) + "x");
    EXPECT_THAT(gguf_refusal(file.bytes()), HasSubstr("2,147,483,649 bytes"));
}

// A list of lists can nest without end; llama.cpp aborted on it.
TEST(GgufVulnerabilities, ListOfLists)
{
    GgufBytes file;
    std::string nested;
    for (int depth = 0; depth < 100'000; ++depth)
        nested += little_endian(9, 4) + little_endian(1, 8);
    file.entry("list", 9, nested);
    EXPECT_THAT(gguf_refusal(file.bytes()), HasSubstr("\"list\" is a list of lists"));
}

TEST(GgufVulnerabilities, TypesOutOfRange)
{
    GgufBytes value;
    value.entry("key", 13, std::string(64, '\0'));
    EXPECT_THAT(gguf_refusal(value.bytes()), HasSubstr("\"key\" has value type 13"));
    GgufBytes element;
    element.entry("key", 9, little_endian(0xFFFFFFFF, 4) + little_endian(1, 8));
    EXPECT_THAT(gguf_refusal(element.bytes()), HasSubstr("\"key\" has element type 4,294,967,295"));
    for (const std::uint32_t type : {4U, 31U, 43U, 0x80000000U}) {
        GgufBytes tensor;
        tensor.tensor("t", {32}, type, 0);
        EXPECT_THAT(gguf_refusal(tensor.bytes(1024)), HasSubstr("tensor \"t\" has type "));
    }
}

TEST(GgufVulnerabilities, OffsetsOutsideUnalignedOrOverlapping)
{
    for (const std::uint64_t offset : {std::uint64_t{64}, std::uint64_t{1} << 62U, huge - 31}) {
        GgufBytes file;
        file.tensor("t", {8}, f32, offset);
        EXPECT_THAT(gguf_refusal(file.bytes(64)), HasSubstr("but the file holds 64 bytes of tensors")) << offset;
    }
    GgufBytes odd;
    odd.tensor("t", {8}, f32, 8);
    EXPECT_THAT(gguf_refusal(odd.bytes(64)), HasSubstr("has offset 8; offsets are multiples of 32"));
    GgufBytes overlapping;
    overlapping.tensor("a", {16}, f32, 0).tensor("b", {8}, f32, 32);
    EXPECT_THAT(gguf_refusal(overlapping.bytes(64)), HasSubstr("tensor \"b\" at offset 32 overlaps tensor \"a\""));
    GgufBytes same;
    same.tensor("a", {8}, f32, 0).tensor("a", {8}, f32, 0);
    EXPECT_THAT(gguf_refusal(same.bytes(64)), HasSubstr("overlaps"));
}

TEST(GgufVulnerabilities, RowsThatAreNoWholeBlocks)
{
    GgufBytes file;
    file.tensor("t", {128, 2}, q4_k, 0);
    EXPECT_THAT(gguf_refusal(file.bytes(1024)), HasSubstr("rows of 128 elements; Q4_K packs 256"));
}

TEST(GgufVulnerabilities, KeysTwiceAndKeysWithoutEnd)
{
    GgufBytes twice;
    twice.u32("key", 1).u32("key", 2);
    EXPECT_THAT(gguf_refusal(twice.bytes()), HasSubstr("\"key\" is there twice"));
    GgufBytes endless;
    endless.u32(std::string(100'000, 'k'), 1);
    EXPECT_THAT(gguf_refusal(endless.bytes()), HasSubstr("a metadata key is 100,000; at most 65,535"));
}

TEST(GgufVulnerabilities, VocabularyOfEmptyTexts)
{
    GgufBytes file;
    file.entry("tokens", 9, little_endian(8, 4) + little_endian(20'000'000, 8));
    EXPECT_THAT(gguf_refusal(file.bytes(200'000'000)), HasSubstr("the length of \"tokens\" is 20,000,000; at most"));
}

TEST(GgufVulnerabilities, MessagesArePrintableAndShort)
{
    GgufBytes file;
    file.tensor(std::string(60'000, '\x1B'), {8}, f32, 8);
    const std::string message = gguf_refusal(file.bytes(64));
    EXPECT_LT(message.size(), 200U);
    EXPECT_EQ(message.find('\x1B'), std::string::npos);
}

} // namespace
} // namespace weighbridge
