#include "core/sources/safetensors.h"

#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/sources/json_scanner.h"

#include <algorithm>
#include <array>
#include <exception>
#include <unordered_set>

namespace weighbridge {

namespace {

/// What one entry of the header says, before it is checked.
struct Entry
{
    std::string type;
    std::vector<std::uint64_t> shape;
    std::vector<std::uint64_t> offsets;
    bool twice = false; ///< one of these keys is
};

std::vector<std::uint64_t> read_numbers(JsonScanner& scanner)
{
    // A hostile list is cut here, which then is no valid shape.
    constexpr std::size_t longest = 64;
    std::vector<std::uint64_t> numbers;
    for (scanner.open_list(); scanner.next_element();) {
        const std::uint64_t number = scanner.whole();
        if (numbers.size() < longest)
            numbers.push_back(number);
    }
    return numbers;
}

Entry read_entry(JsonScanner& scanner)
{
    Entry entry;
    std::string_view key;
    std::array<bool, 3> seen = {};
    const auto first_time = [&](std::size_t place) {
        entry.twice = entry.twice || seen.at(place);
        seen.at(place) = true;
        return true;
    };
    for (scanner.open_object(); scanner.next_key(key);) {
        if (key == "dtype" && first_time(0))
            entry.type = scanner.text();
        else if (key == "shape" && first_time(1))
            entry.shape = read_numbers(scanner);
        else if (key == "data_offsets" && first_time(2))
            entry.offsets = read_numbers(scanner);
        else
            scanner.skip();
    }
    return entry;
}

class HeaderReader
{
public:
    HeaderReader(ByteSource& source, std::string_view name) : source_(source), name_(name) {}

    Result<SafetensorsHeader> read()
    {
        const auto length = header_length();
        if (!length)
            return length.error();
        const auto text = source_.read(8, static_cast<std::size_t>(*length));
        if (!text)
            return fail("reading its header: " + text.error().message);
        SafetensorsHeader header;
        header.data_offset = 8 + *length;
        data_bytes_ = source_.size() - header.data_offset;
        if (Outcome failed = read_entries(*text, header))
            return *failed;
        if (Outcome failed = check_places(header))
            return *failed;
        return header;
    }

private:
    Error fail(const std::string& what) const { return {std::string(name_), std::string(name_) + ": " + what}; }

    Result<std::uint64_t> header_length()
    {
        ByteCursor cursor(source_, 8);
        const auto length = cursor.number(8);
        if (!length)
            return fail("it is no safetensors file: " + length.error().message);
        if (*length > longest_safetensors_header)
            return fail("the length of its header is " + grouped_unsigned(*length) + "; at most " +
                        grouped_unsigned(longest_safetensors_header) + " bytes are allowed");
        if (*length > cursor.remaining())
            return fail("the length of its header is " + grouped_unsigned(*length) + ", but only " +
                        grouped_unsigned(cursor.remaining()) + " bytes follow; it may not be complete");
        return *length;
    }

    Outcome read_entries(std::string_view text, SafetensorsHeader& header)
    {
        JsonScanner scanner(text);
        std::string_view key;
        for (scanner.open_object(); scanner.next_key(key);) {
            if (key == "__metadata__") {
                scanner.skip();
                continue;
            }
            StoredTensor tensor;
            tensor.name = key;
            const Entry entry = read_entry(scanner);
            if (scanner.failed())
                break;
            if (header.tensors.size() >= header_limits::tensors)
                return fail("it has more than " + grouped_unsigned(header_limits::tensors) +
                            " tensors, the most that are read");
            if (Outcome failed = add(std::move(tensor), entry, header))
                return failed;
        }
        scanner.end();
        if (scanner.failed())
            return fail("its header can't be read at byte " + grouped_unsigned(scanner.position()) +
                        ": tensors with dtype, shape and data_offsets must stand there");
        return {};
    }

    Outcome add(StoredTensor tensor, const Entry& entry, SafetensorsHeader& header)
    {
        const std::string shown = "tensor " + weighbridge::in_quotes(tensor.name);
        if (tensor.name.empty())
            return fail("a tensor has no name");
        if (!names_.insert(tensor.name).second)
            return fail(shown + " is there twice");
        if (entry.twice)
            return fail(shown + " has dtype, shape or data_offsets twice");
        tensor.type = safetensors_type(entry.type);
        if (tensor.type == nullptr)
            return fail(shown + " has dtype " + weighbridge::in_quotes(entry.type) + ", which is not known");
        if (Outcome failed = set_shape(tensor, entry.shape, shown))
            return failed;
        const auto bytes = bytes_stored(*tensor.type, tensor.elements);
        if (!bytes)
            return fail(shown + " has " + grouped(tensor.elements) + " elements, which are no whole bytes of " +
                        entry.type);
        tensor.bytes = *bytes;
        if (entry.offsets.size() != 2)
            return fail(shown + " has data_offsets of " + std::to_string(entry.offsets.size()) +
                        " numbers; there must be two");
        const std::uint64_t begin = entry.offsets[0], end = entry.offsets[1];
        const std::string range = "data_offsets [" + grouped_unsigned(begin) + ", " + grouped_unsigned(end) + "]";
        if (begin > end || end > data_bytes_)
            return fail(shown + " has " + range + ", but the file holds " + grouped_unsigned(data_bytes_) +
                        " bytes of tensors; it may not be complete");
        if (end - begin != static_cast<std::uint64_t>(tensor.bytes))
            return fail(shown + " has " + range + "; its shape and " + entry.type + " make " + grouped(tensor.bytes) +
                        " bytes");
        spans_.push_back({begin, end, header.tensors.size()});
        header.tensors.push_back(std::move(tensor));
        return {};
    }

    Outcome set_shape(StoredTensor& tensor, const std::vector<std::uint64_t>& shape, const std::string& shown) const
    {
        tensor.elements = 1;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const std::uint64_t size = shape[i];
            if (tensor.elements != 0 && size > static_cast<std::uint64_t>(header_limits::elements / tensor.elements))
                return fail(shown + " has dimension " + std::to_string(i) + " of " + grouped_unsigned(size) +
                            "; a tensor has at most 2^50 elements");
            // Once there are none, no size matters any more.
            const auto length =
                static_cast<std::int64_t>(std::min(size, static_cast<std::uint64_t>(header_limits::elements)));
            tensor.elements *= tensor.elements == 0 ? 0 : length;
            std::int64_t& kept = tensor.shape.at(std::min(i, tensor.shape.size() - 1));
            kept = i < tensor.shape.size() ? length : tensor.elements == 0 ? 0 : kept * length;
        }
        return {};
    }

    /// The format wants every byte behind the header to belong to exactly one tensor.
    Outcome check_places(const SafetensorsHeader& header)
    {
        order_spans(spans_);
        const auto shown = [&](std::size_t i) {
            return "tensor " + weighbridge::in_quotes(header.tensors[spans_[i].tensor].name);
        };
        std::uint64_t covered = 0;
        for (std::size_t i = 0; i < spans_.size(); ++i) {
            if (spans_[i].begin < covered)
                return fail(shown(i) + " at offset " + grouped_unsigned(spans_[i].begin) + " overlaps " + shown(i - 1));
            if (spans_[i].begin > covered)
                return fail("no tensor owns the bytes from " + grouped_unsigned(covered) + " to " +
                            grouped_unsigned(spans_[i].begin) + ", before " + shown(i));
            covered = spans_[i].end;
        }
        if (covered != data_bytes_)
            return fail("its tensors end at byte " + grouped_unsigned(covered) + " of " +
                        grouped_unsigned(data_bytes_));
        return {};
    }

    ByteSource& source_;
    std::string_view name_;
    std::uint64_t data_bytes_ = 0;
    std::vector<StoredSpan> spans_;
    std::unordered_set<std::string> names_;
};

/// A name in the same folder: an index must not lead elsewhere.
bool is_file_name(std::string_view name)
{
    constexpr std::size_t longest = 255;
    return !name.empty() && name.size() <= longest && name != "." && name != ".." &&
           name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

Result<SafetensorsIndex> read_index(std::string_view text, std::string_view name)
{
    const auto fail = [&](const std::string& what) {
        return Error{std::string(name), std::string(name) + ": " + what};
    };
    constexpr std::size_t most_files = 10'000;
    SafetensorsIndex index;
    std::unordered_map<std::string, std::size_t> known;
    bool found = false;
    JsonScanner scanner(text);
    std::string_view key;
    for (scanner.open_object(); scanner.next_key(key);) {
        if (key != "weight_map" || found) {
            scanner.skip();
            continue;
        }
        found = true;
        std::size_t last = 0;
        for (scanner.open_object(); scanner.next_key(key);) {
            std::string tensor(key);
            const std::string_view file = scanner.text();
            if (scanner.failed())
                break;
            if (index.files.empty() || file != index.files[last]) {
                if (!is_file_name(file))
                    return fail("weight_map puts " + weighbridge::in_quotes(tensor) + " into " +
                                weighbridge::in_quotes(file) + ", which is no file of the same folder");
                const auto [place, is_new] = known.emplace(std::string(file), index.files.size());
                if (is_new)
                    index.files.emplace_back(file);
                last = place->second;
            }
            if (index.files.size() > most_files || index.tensor_file.size() >= header_limits::tensors)
                return fail("weight_map names more than " + grouped_unsigned(most_files) + " files or " +
                            grouped_unsigned(header_limits::tensors) + " tensors, the most that are read");
            if (const auto [entry, is_new] = index.tensor_file.emplace(std::move(tensor), last); !is_new)
                return fail("weight_map has " + weighbridge::in_quotes(entry->first) + " twice");
        }
    }
    scanner.end();
    if (scanner.failed())
        return fail("it can't be read at byte " + grouped_unsigned(scanner.position()) +
                    ": an object whose weight_map gives the file of each tensor must stand there");
    if (!found || index.files.empty())
        return fail("weight_map is missing or empty, so nothing says which files hold the tensors");
    return index;
}

} // namespace

Result<SafetensorsHeader> read_safetensors(ByteSource& source, std::string_view name)
{
    try {
        return HeaderReader(source, name).read();
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{std::string(name), std::string(name) + ": its header needs too much memory"};
    }
}

Result<SafetensorsIndex> read_safetensors_index(std::string_view text, std::string_view name)
{
    try {
        return read_index(text, name);
    } catch (const std::exception&) {
        return Error{std::string(name), std::string(name) + ": it needs too much memory"};
    }
}

} // namespace weighbridge
