#pragma once

#include "core/quantity/limits.h"
#include "core/scenario/device_group.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weighbridge {

struct Scenario;

/// A value of a scenario's key, whatever the key: nothing where an optional one is left out.
using OptionValue = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>,
                                 std::vector<double>, std::vector<DeviceGroup>>;

enum class OptionKind
{
    flag,  ///< true or false
    whole, ///< a whole number
    real,
    text,
    list,    ///< of texts
    pair,    ///< a text that two keys have in common, or one for each
    numbers, ///< a list of them, each within the range
    devices, ///< the groups of a machine
};

/// What a whole number counts, which decides what its suffixes mean.
enum class CountUnit
{
    plain,      ///< tokens, sequences, GPUs: "8k" is 8,192 and "1M" 1,048,576, as context lengths are named
    parameters, ///< "70.6B", "500M": decimal, as model sizes are named
    bytes,      ///< "512 MiB", "1 GB"; a bare k, M or G is refused, since nothing says which is meant
    gibibytes,  ///< of a real number: "128 GiB", "96 GB"; a bare one is GiB
};

/// Which names a text may be, beside the row's own choices: a table above this room checks and spells it.
enum class NameTable
{
    none,
    short_text, ///< anything printable of up to 64 characters
    object,     ///< an object in JSON, of which the engine reads what it knows
    model,      ///< a preset's name, or what the key `model` takes as an object, in JSON
    engine,
    framework,
    trainer,
    accelerator,
    weights_format,
    kv_cache_format,
    activations_format,
    training_attention,
    adapter_target,
    optimizer,
    state_dtype,
    recompute,
};

/// What a number may be, both ends included unless said.
struct OptionRange
{
    double least = 0;
    double most = 0;
    bool above_least = false; ///< `least` itself is excluded
};

/// A few words in a row of a table.
class OptionNames
{
public:
    constexpr OptionNames() = default;
    constexpr OptionNames(std::initializer_list<std::string_view> names)
    {
        for (const std::string_view name : names)
            names_[count_++] = name;
    }

    constexpr const std::string_view* begin() const { return names_.data(); }
    constexpr const std::string_view* end() const { return names_.data() + count_; }
    constexpr bool empty() const { return count_ == 0; }

private:
    std::array<std::string_view, 16> names_;
    std::size_t count_ = 0;
};

/// Reads, writes and compares one member of a group of options.
template<class Group>
struct OptionMember
{
    OptionKind kind = OptionKind::flag;
    bool optional = false; ///< may hold nothing
    OptionValue (*get)(const Group&) = nullptr;
    void (*set)(Group&, OptionValue) = nullptr; ///< of the member's own kind; nothing empties an optional one
    bool (*same)(const Group&, const Group&) = nullptr;
};

/// One key: the member and all that is known of it. The one place behind files, the command line, checks of ranges, the
/// form, the lists of keys in the documents and what a report says was filled in.
template<class Group>
struct OptionRow
{
    std::string_view name; ///< as the engine or the framework spells it, "max_num_seqs"
    OptionNames also = {}; ///< other spellings of the name that are read, and never written
    OptionMember<Group> member;
    OptionRange range = {};
    CountUnit unit = CountUnit::plain;
    OptionNames choices = {};   ///< of texts with a fixed set of values
    std::string_view word = {}; ///< of numbers: what stands for the least, "auto"
    NameTable names = NameTable::none;
    std::string_view label = {};    ///< in the form; empty: the name itself
    std::string_view help = {};     ///< a sentence without its full stop
    std::string_view left_out = {}; ///< what it is where nobody chose, if no constant: "the longest the model allows"
    std::string_view symbol = {};   ///< as the formulas call it
    std::string_view flag = {};     ///< beside a box to tick
    OptionNames tasks = {};         ///< that read it, where they are not those of its group; others ignore it
    OptionNames engines = {};       ///< the same of engines
    bool (*concerns)(const Scenario&) = nullptr; ///< whether the scenario has a use for it; null: whoever owns it has
};

namespace option_access {

template<class Value>
struct Kept
{
    using type = Value;
    static constexpr bool optional = false;
};
template<class Value>
struct Kept<std::optional<Value>>
{
    using type = Value;
    static constexpr bool optional = true;
};

template<class Value>
constexpr OptionKind kind_of()
{
    if constexpr (std::is_same_v<Value, bool>)
        return OptionKind::flag;
    else if constexpr (std::is_same_v<Value, std::int64_t>)
        return OptionKind::whole;
    else if constexpr (std::is_same_v<Value, double>)
        return OptionKind::real;
    else if constexpr (std::is_same_v<Value, std::string>)
        return OptionKind::text;
    else if constexpr (std::is_same_v<Value, std::vector<double>>)
        return OptionKind::numbers;
    else if constexpr (std::is_same_v<Value, std::vector<DeviceGroup>>)
        return OptionKind::devices;
    else
        return OptionKind::list;
}

template<auto member, class Group, class Value>
constexpr OptionMember<Group> of(Value Group::* /*deduces*/)
{
    using Plain = typename Kept<Value>::type;
    return {.kind = kind_of<Plain>(),
            .optional = Kept<Value>::optional,
            .get = [](const Group& group) -> OptionValue {
                if constexpr (Kept<Value>::optional) {
                    if (!(group.*member))
                        return {};
                    return *(group.*member);
                } else {
                    return group.*member;
                }
            },
            .set =
                [](Group& group, OptionValue value) {
                    if (auto* given = std::get_if<Plain>(&value))
                        group.*member = std::move(*given);
                    else if constexpr (Kept<Value>::optional)
                        (group.*member).reset();
                },
            .same = [](const Group& a, const Group& b) { return a.*member == b.*member; }};
}

} // namespace option_access

/// The access to a member, from its pointer alone.
template<auto pointer>
inline constexpr auto member = option_access::of<pointer>(pointer);

} // namespace weighbridge
