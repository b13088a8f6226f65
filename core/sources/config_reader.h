#pragma once

#include "core/model/model.h"
#include "core/quantity/display.h"
#include "core/quantity/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Whole numbers that a key may hold, both ends included.
struct IntegerRange
{
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
};

/// Far above any real network, and low enough that no product of two of them overflows.
namespace ranges {
inline constexpr IntegerRange size{1, 1 << 24};         ///< hidden and intermediate sizes, ranks, head widths
inline constexpr IntegerRange size_or_none{0, 1 << 24}; ///< where 0 means "not there"
inline constexpr IntegerRange vocabulary{1, 1 << 28};
inline constexpr IntegerRange layers{1, 10'000};
inline constexpr IntegerRange layer_index{0, 10'000};
inline constexpr IntegerRange heads{1, 65'536};
inline constexpr IntegerRange head_dim{1, 65'536};
inline constexpr IntegerRange experts{1, 65'536};
inline constexpr IntegerRange experts_or_none{0, 65'536};
inline constexpr IntegerRange tokens{1, std::int64_t{1} << 40}; ///< windows and context lengths
inline constexpr IntegerRange tokens_or_none{0, std::int64_t{1} << 40};
inline constexpr IntegerRange positions{1, 1 << 28}; ///< rows of a table
inline constexpr IntegerRange vision_size{1, 65'536};
inline constexpr IntegerRange tower_layers{1, 1'000};
inline constexpr IntegerRange patches{1, 1'024};  ///< pixels of a patch, patches of a side, heads of a tower
inline constexpr IntegerRange tower_ratio{1, 64}; ///< patches merged into one, frames per patch
} // namespace ranges

/// What reading one config.json leaves behind; the readers of its nested objects share it.
struct ReadLog
{
    std::optional<Error> error;               ///< the first one
    std::set<std::string, std::less<>> asked; ///< keys that a reader looked for, with their aliases
    std::vector<std::string> defaulted;       ///< "hidden_size = 4096": numbers that came from the class defaults
    std::vector<Issue> issues;                ///< what is no error but must be said
};

/// Typed values of one JSON object, with the class defaults of transformers behind it. A value of the wrong type or
/// range is recorded in the log as an error with dotted key, value and what is allowed. Reading goes on with the
/// smallest allowed value, so that family readers stay straight lines: whoever started the reading looks at the log in
/// the end.
class ConfigReader
{
public:
    /// `defaults` is an entry of resources/config_defaults.json, or empty for none. Both `object` and `log` must
    /// outlive the reader. A value that is no object is an error, but for a missing or null one, which reads as empty.
    /// `path` is the object's dotted key.
    ConfigReader(const nlohmann::json* object, std::string_view defaults, ReadLog& log, std::string path = {});

    /// A key that must have a value, here or among the defaults.
    std::int64_t integer(std::string_view key, IntegerRange range);
    /// Nothing where the key is null or missing, or missing here and null among the defaults.
    std::optional<std::int64_t> optional_integer(std::string_view key, IntegerRange range);
    /// true, false, 0 or 1; null or missing is the default, else `fallback`.
    bool flag(std::string_view key, bool fallback = false);
    std::optional<std::string> text(std::string_view key);
    std::optional<std::vector<std::string>> texts(std::string_view key);
    std::optional<std::vector<std::int64_t>> integers(std::string_view key, IntegerRange range);
    /// One number for each of `count` layers: a list with at least that many (the rest is for layers beyond the
    /// network), or one number for all.
    std::optional<std::vector<std::int64_t>> integer_per_layer(std::string_view key, IntegerRange range,
                                                               std::int64_t count);
    /// A finite number between the two, both included.
    std::optional<double> real(std::string_view key, double least, double most);
    /// A finite number from 0 to 2^53, or a flag as 1 or 0; nothing where the key is null or missing. A class default
    /// counts as the file's own.
    std::optional<double> amount(std::string_view key);
    /// How many entries a list has; 1 for anything else but null, 0 for that and where there is nothing.
    std::size_t length(std::string_view key);
    /// Whether the value is a text, where others are numbers: "auto", "LLLG".
    bool is_text(std::string_view key);
    bool is_list(std::string_view key);
    /// The objects in a list; empty where there is none. They have no defaults.
    std::vector<ConfigReader> objects(std::string_view key);
    /// The object under a key.
    ConfigReader nested(std::string_view key, std::string_view defaults);

    /// Whether the object itself has a value other than null for the key or one of its aliases.
    bool has(std::string_view key) const;
    /// Whether the object itself says anything for the key, null included.
    bool states(std::string_view key) const;
    /// Declares keys that decide nothing for this family, although they do for others.
    void ignore(std::initializer_list<std::string_view> keys);
    /// The object itself; null where there is none.
    const nlohmann::json* object() const { return object_; }

    /// Records an error about a key: "<key> <what>".
    void fail(std::string_view key, std::string_view what);
    /// The same, with the key's value: "<key> is <value>; <what>".
    void refuse(std::string_view key, std::string_view what);
    /// Records something to say beside a key, in whole sentences.
    void warn(std::string_view key, std::string message);
    bool failed() const { return log_->error.has_value(); }

private:
    struct Found
    {
        std::string key; ///< as the object spells it
        const nlohmann::json* value = nullptr;
        bool defaulted = false;
    };

    std::string dotted(std::string_view key) const;
    std::vector<std::string> spellings(std::string_view key) const;
    const nlohmann::json* own(std::string_view key) const;
    Found find(std::string_view key);
    void record_default(const Found& found);
    std::optional<std::int64_t> whole(const std::string& key, const nlohmann::json& value, IntegerRange range);

    const nlohmann::json* object_;
    std::shared_ptr<const nlohmann::json> defaults_;
    ReadLog* log_;
    std::string path_;
};

/// The spellings under which a family's config may hold a key, the usual one first (attribute_map of the class).
std::vector<std::string> key_spellings(std::string_view defaults, std::string_view key);

} // namespace weighbridge
