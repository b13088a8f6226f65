#include "core/sources/gguf.h"

#include "core/quantity/display.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <exception>
#include <unordered_set>

namespace weighbridge {

namespace {

constexpr std::uint64_t most_entries = 100'000;
/// Elements of a list of texts, which have to be walked through one by one. The largest vocabularies have 262,208.
constexpr std::uint64_t most_texts = 16'777'216;
/// What walking through the header may take: a list of empty texts in a sparse file costs no disk space.
constexpr std::uint64_t largest_header = 536'870'912;

enum class ValueType : std::uint32_t
{
    u8 = 0,
    i8,
    u16,
    i16,
    u32,
    i32,
    f32,
    flag,
    text,
    list,
    u64,
    i64,
    f64,
};

/// Bytes of one number; 0 for texts and lists.
constexpr std::array<std::uint8_t, 13> number_bytes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

/// A number's bytes as what its type says. Unsigned ones above 2^63 are taken for the largest there is: every reader of
/// a value has a range of its own.
GgufValue decoded(ValueType type, std::uint64_t bits)
{
    const auto sign_extended = [&](unsigned width) {
        const unsigned shift = 64 - width;
        return static_cast<std::int64_t>(bits << shift) >> shift;
    };
    switch (type) {
    case ValueType::i8:
        return {sign_extended(8)};
    case ValueType::i16:
        return {sign_extended(16)};
    case ValueType::i32:
        return {sign_extended(32)};
    case ValueType::f32:
        return {static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))};
    case ValueType::f64:
        return {std::bit_cast<double>(bits)};
    case ValueType::flag:
        return {bits != 0};
    case ValueType::i64:
        return {static_cast<std::int64_t>(bits)};
    default:
        return {static_cast<std::int64_t>(std::min(bits, std::uint64_t{1} << 62U))};
    }
}

class Reader
{
public:
    Reader(ByteSource& source, std::string_view name) : cursor_(source), size_(source.size()), name_(name) {}

    Result<GgufHeader> read()
    {
        GgufHeader header;
        Outcome failed = read_start();
        if (!failed)
            failed = read_entries(header);
        if (!failed)
            failed = read_tensors(header);
        if (failed)
            return *failed;
        return header;
    }

private:
    Error fail(const std::string& what) const { return {std::string(name_), std::string(name_) + ": " + what}; }

    /// What a count promises must fit in the rest of the file, at so many bytes each.
    Outcome check_count(std::string_view what, std::uint64_t count, std::uint64_t each, std::uint64_t most) const
    {
        if (count > most)
            return fail(std::string(what) + " is " + grouped_unsigned(count) + "; at most " + grouped_unsigned(most) +
                        " are read");
        if (each != 0 && count > cursor_.remaining() / each)
            return fail(std::string(what) + " is " + grouped_unsigned(count) + ", but only " +
                        grouped_unsigned(cursor_.remaining()) + " bytes follow");
        return {};
    }

    /// Sets `value`; reading past the end of the file or of what a header may be is refused.
    Outcome number(std::uint64_t& value, std::size_t bytes, std::string_view what)
    {
        if (cursor_.position() > largest_header)
            return fail("its header has more than " + grouped_unsigned(largest_header) +
                        " bytes, the most that are read");
        const auto read = cursor_.number(bytes);
        if (!read)
            return fail("reading " + std::string(what) + ": " + read.error().message);
        value = *read;
        return {};
    }

    Outcome text(std::string& value, std::string_view what, std::uint64_t longest, std::size_t kept)
    {
        std::uint64_t length = 0;
        if (Outcome failed = number(length, 8, what))
            return failed;
        if (Outcome failed = check_count("the length of " + std::string(what), length, 1, longest))
            return failed;
        const auto bytes = cursor_.take(static_cast<std::size_t>(std::min<std::uint64_t>(length, kept)));
        if (!bytes)
            return fail("reading " + std::string(what) + ": " + bytes.error().message);
        value = *bytes;
        cursor_.skip(length - bytes->size()); // checked above
        return {};
    }

    Outcome read_start()
    {
        const auto magic = cursor_.take(4);
        if (!magic || *magic != "GGUF")
            return fail("it is no GGUF file: it does not begin with \"GGUF\"");
        std::uint64_t version = 0;
        if (Outcome failed = number(version, 4, "the version"))
            return failed;
        if ((version & 0xFFFFU) == 0)
            return fail("its version is " + grouped_unsigned(version) + ": big-endian GGUF files are not read");
        if (version < 2 || version > 3)
            return fail("its version is " + grouped_unsigned(version) + "; 2 and 3 are read");
        if (Outcome failed = number(tensor_count_, 8, "the number of tensors"))
            return failed;
        return number(entry_count_, 8, "the number of metadata entries");
    }

    Outcome read_entries(GgufHeader& header)
    {
        // The least that an entry takes: length, key, type and a value of one byte; a tensor: length, sizes, type and
        // offset.
        constexpr std::uint64_t least_entry = 8 + 4 + 1, least_tensor = 8 + 4 + 4 + 8;
        if (Outcome failed = check_count("tensor_count", tensor_count_, least_tensor, header_limits::tensors))
            return failed;
        if (Outcome failed = check_count("metadata_kv_count", entry_count_, least_entry, most_entries))
            return failed;
        std::unordered_set<std::string> keys;
        for (std::uint64_t i = 0; i < entry_count_; ++i) {
            GgufEntry entry;
            if (Outcome failed =
                    text(entry.key, "a metadata key", header_limits::name_bytes, header_limits::name_bytes))
                return failed;
            if (!keys.insert(entry.key).second)
                return fail(weighbridge::in_quotes(entry.key) + " is there twice");
            if (Outcome failed = read_value(entry))
                return failed;
            header.entries.push_back(std::move(entry));
        }
        return {};
    }

    Outcome value_type(ValueType& type, const std::string& key, std::string_view what)
    {
        std::uint64_t number_of_type = 0;
        if (Outcome failed = number(number_of_type, 4, "the type of " + key))
            return failed;
        if (number_of_type >= number_bytes.size())
            return fail(key + " has " + std::string(what) + " " + grouped_unsigned(number_of_type) +
                        "; types are from 0 to 12");
        type = static_cast<ValueType>(number_of_type);
        return {};
    }

    Outcome read_value(GgufEntry& entry)
    {
        const std::string key = weighbridge::in_quotes(entry.key);
        ValueType type{};
        if (Outcome failed = value_type(type, key, "value type"))
            return failed;
        if (type == ValueType::list)
            return read_list(entry, key);
        if (type == ValueType::text) {
            std::string value;
            if (Outcome failed = text(value, key, size_, longest_kept_text))
                return failed;
            entry.value = {std::move(value)};
            return {};
        }
        std::uint64_t bits = 0;
        if (Outcome failed = number(bits, number_bytes.at(static_cast<std::size_t>(type)), key))
            return failed;
        entry.value = decoded(type, bits);
        return {};
    }

    Outcome read_list(GgufEntry& entry, const std::string& key)
    {
        ValueType type{};
        GgufValue::List list;
        if (Outcome failed = value_type(type, key, "element type"))
            return failed;
        if (type == ValueType::list)
            return fail(key + " is a list of lists, which GGUF files may not hold");
        if (Outcome failed = number(list.length, 8, "the length of " + key))
            return failed;
        const bool texts = type == ValueType::text;
        const std::uint64_t each = texts ? 8 : number_bytes.at(static_cast<std::size_t>(type));
        if (Outcome failed = check_count("the length of " + key, list.length, each, texts ? most_texts : size_))
            return failed;
        Outcome failed = texts ? skip_texts(list.length, key) : read_numbers(list, type, key);
        entry.value = {std::move(list)};
        return failed;
    }

    Outcome skip_texts(std::uint64_t count, const std::string& key)
    {
        for (std::uint64_t i = 0; i < count; ++i) {
            std::uint64_t length = 0;
            if (Outcome failed = number(length, 8, key))
                return failed;
            if (!cursor_.skip(length))
                return fail("text " + grouped_unsigned(i) + " of " + key + " has " + grouped_unsigned(length) +
                            " bytes, but only " + grouped_unsigned(cursor_.remaining()) + " follow");
        }
        return {};
    }

    Outcome read_numbers(GgufValue::List& list, ValueType type, const std::string& key)
    {
        const std::size_t each = number_bytes.at(static_cast<std::size_t>(type));
        const bool whole = type != ValueType::f32 && type != ValueType::f64;
        if (!whole || list.length > longest_kept_list) {
            cursor_.skip(list.length * each); // checked by the caller, which also excludes an overflow
            return {};
        }
        for (std::uint64_t i = 0; i < list.length; ++i) {
            std::uint64_t bits = 0;
            if (Outcome failed = number(bits, each, key))
                return failed;
            const GgufValue value = decoded(type, bits);
            const auto* flag = std::get_if<bool>(&value.value);
            list.numbers.push_back(flag != nullptr ? std::int64_t{*flag} : std::get<std::int64_t>(value.value));
        }
        return {};
    }

    Outcome read_tensors(GgufHeader& header)
    {
        std::vector<StoredSpan> spans;
        for (std::uint64_t i = 0; i < tensor_count_; ++i) {
            StoredTensor tensor;
            StoredSpan span{.tensor = header.tensors.size()};
            if (Outcome failed = read_tensor(tensor, span))
                return failed;
            spans.push_back(span);
            header.tensors.push_back(std::move(tensor));
        }
        return place_tensors(header, spans);
    }

    Outcome read_tensor(StoredTensor& tensor, StoredSpan& span)
    {
        if (Outcome failed = text(tensor.name, "a tensor's name", header_limits::name_bytes, header_limits::name_bytes))
            return failed;
        if (tensor.name.empty())
            return fail("a tensor has no name");
        const std::string shown = "tensor " + weighbridge::in_quotes(tensor.name);
        std::uint64_t dimensions = 0;
        if (Outcome failed = number(dimensions, 4, shown))
            return failed;
        if (dimensions > tensor.shape.size())
            return fail(shown + " has " + grouped_unsigned(dimensions) + " dimensions; at most 4 are allowed");
        if (Outcome failed = read_shape(tensor, dimensions, shown))
            return failed;
        std::uint64_t type = 0;
        if (Outcome failed = number(type, 4, shown))
            return failed;
        tensor.type = ggml_type(static_cast<std::uint32_t>(type));
        if (tensor.type == nullptr)
            return fail(shown + " has type " + grouped_unsigned(type) + ", which is not known");
        if (tensor.shape[0] % tensor.type->block != 0)
            return fail(shown + " has rows of " + grouped(tensor.shape[0]) + " elements; " +
                        std::string(tensor.type->name) + " packs " + grouped(tensor.type->block) + " together");
        tensor.bytes = bytes_stored(*tensor.type, tensor.elements).value_or(0); // whole blocks, far below 2^63
        return number(span.begin, 8, shown);
    }

    Outcome read_shape(StoredTensor& tensor, std::uint64_t dimensions, const std::string& shown)
    {
        tensor.elements = 1;
        for (std::uint64_t i = 0; i < dimensions; ++i) {
            std::uint64_t size = 0;
            if (Outcome failed = number(size, 8, shown))
                return failed;
            if (size == 0 || size > static_cast<std::uint64_t>(header_limits::elements / tensor.elements))
                return fail(shown + " has dimension " + std::to_string(i) + " of " + grouped_unsigned(size) +
                            "; a tensor has from 1 to 2^50 elements");
            tensor.shape.at(i) = static_cast<std::int64_t>(size);
            tensor.elements *= static_cast<std::int64_t>(size);
        }
        return {};
    }

    /// Turns offsets into places in the file and checks them.
    Outcome place_tensors(GgufHeader& header, std::vector<StoredSpan>& spans)
    {
        const GgufValue* said = header.find("general.alignment");
        if (said != nullptr && !std::holds_alternative<std::int64_t>(said->value))
            return fail("general.alignment is no whole number; it must be a power of two up to 1,048,576");
        const std::int64_t alignment = header.integer("general.alignment").value_or(32);
        if (alignment < 1 || alignment > 1'048'576 || !std::has_single_bit(static_cast<std::uint64_t>(alignment)))
            return fail("general.alignment is " + grouped(alignment) + "; it must be a power of two up to 1,048,576");
        const auto step = static_cast<std::uint64_t>(alignment);
        header.data_offset = (cursor_.position() + step - 1) / step * step;
        const std::uint64_t data = size_ > header.data_offset ? size_ - header.data_offset : 0;
        for (StoredSpan& span : spans) {
            const StoredTensor& tensor = header.tensors[span.tensor];
            const auto bytes = static_cast<std::uint64_t>(tensor.bytes);
            if (span.begin % step != 0)
                return fail("tensor " + weighbridge::in_quotes(tensor.name) + " has offset " +
                            grouped_unsigned(span.begin) + "; offsets are multiples of " + grouped(alignment));
            if (span.begin > data || bytes > data - span.begin)
                return fail("tensor " + weighbridge::in_quotes(tensor.name) + " has " + grouped_unsigned(bytes) +
                            " bytes at offset " + grouped_unsigned(span.begin) + ", but the file holds " +
                            grouped_unsigned(data) + " bytes of tensors; it may not be complete");
            span.end = span.begin + bytes;
        }
        order_spans(spans);
        const std::size_t overlap = first_overlap(spans);
        if (overlap != spans.size())
            return fail("tensor " + weighbridge::in_quotes(header.tensors[spans[overlap].tensor].name) + " at offset " +
                        grouped_unsigned(spans[overlap].begin) + " overlaps tensor " +
                        weighbridge::in_quotes(header.tensors[spans[overlap - 1].tensor].name));
        return {};
    }

    ByteCursor cursor_;
    std::uint64_t size_;
    std::string_view name_;
    std::uint64_t tensor_count_ = 0;
    std::uint64_t entry_count_ = 0;
};

} // namespace

const GgufValue* GgufHeader::find(std::string_view key) const
{
    for (const GgufEntry& entry : entries)
        if (entry.key == key)
            return &entry.value;
    return nullptr;
}

std::optional<std::int64_t> GgufHeader::integer(std::string_view key) const
{
    const GgufValue* found = find(key);
    if (found == nullptr)
        return std::nullopt;
    if (const auto* flag = std::get_if<bool>(&found->value))
        return *flag ? 1 : 0;
    const auto* number = std::get_if<std::int64_t>(&found->value);
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

std::optional<double> GgufHeader::real(std::string_view key) const
{
    const GgufValue* found = find(key);
    if (found == nullptr)
        return std::nullopt;
    if (const auto* number = std::get_if<double>(&found->value))
        return *number;
    const auto whole = integer(key);
    return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
}

std::optional<std::string> GgufHeader::text(std::string_view key) const
{
    const GgufValue* found = find(key);
    const auto* text = found != nullptr ? std::get_if<std::string>(&found->value) : nullptr;
    return text != nullptr ? std::optional(*text) : std::nullopt;
}

const GgufValue::List* GgufHeader::list(std::string_view key) const
{
    const GgufValue* found = find(key);
    return found != nullptr ? std::get_if<GgufValue::List>(&found->value) : nullptr;
}

Result<GgufHeader> read_gguf(ByteSource& source, std::string_view name)
{
    try {
        return Reader(source, name).read();
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{std::string(name), std::string(name) + ": its header needs too much memory"};
    }
}

} // namespace weighbridge
