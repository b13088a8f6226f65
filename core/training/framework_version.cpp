#include "core/training/framework_version.h"

#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

namespace {

/// Numbers between dots: 4.48.1.
using Version = std::vector<std::int64_t>;

/// When a release came out, so that libraries can be set side by side: month counted from the year 0.
struct Release
{
    std::string_view library;
    std::string_view version;
    std::int64_t month;
};

constexpr std::int64_t month_of(std::int64_t year, std::int64_t month)
{
    return 12 * year + month - 1;
}

// By date within a library; versions between two are of the earlier one's day.
constexpr std::array release_rows = {
    Release{"transformers", "4.30", month_of(2023, 6)},
    Release{"transformers", "4.34", month_of(2023, 10)},
    Release{"transformers", "4.36", month_of(2023, 12)},
    Release{"transformers", "4.40", month_of(2024, 4)},
    Release{"transformers", "4.45", month_of(2024, 9)},
    Release{"transformers", "4.48", month_of(2025, 1)},
    Release{"transformers", "4.49", month_of(2025, 2)},
    Release{"transformers", "4.53", month_of(2025, 6)},
    Release{"transformers", "4.54", month_of(2025, 7)},
    Release{"transformers", "4.57", month_of(2025, 10)},
    Release{"transformers", "5.0", month_of(2026, 1)},
    Release{"trl", "0.7", month_of(2023, 8)},
    Release{"trl", "0.13", month_of(2024, 12)},
    Release{"trl", "0.16", month_of(2025, 3)},
    Release{"trl", "0.20", month_of(2025, 7)},
    Release{"trl", "0.24", month_of(2025, 10)},
    Release{"trl", "1.0", month_of(2026, 3)},
    Release{"trl", "1.7", month_of(2026, 6)},
    Release{"trl", "1.16", month_of(2026, 11)},
    Release{"torch", "2.0", month_of(2023, 3)},
    Release{"torch", "2.1", month_of(2023, 10)},
    Release{"torch", "2.4", month_of(2024, 7)},
    Release{"torch", "2.6", month_of(2025, 1)},
    Release{"torch", "2.8", month_of(2025, 8)},
    Release{"torch", "2.10", month_of(2026, 1)},
    Release{"axolotl", "0.4", month_of(2024, 1)},
    Release{"axolotl", "0.8", month_of(2025, 4)},
    Release{"axolotl", "0.12", month_of(2025, 8)},
};

/// What another release had in place of the row's own rule, which came with `version`.
struct Change
{
    std::string_view library;
    std::string_view version;
    void (*before)(Framework&);
    bool if_open = false; ///< the Trainer's, where nobody says a version: it is the larger, and most runs are older
};

// Newest first: each is laid over what the later ones left. Sources stand beside the rows that they change.
constexpr std::array changes = {
    Change{"trl", "1.16", [](Framework& f) { f.loss = "chunked_nll"; }}, // trl 1.7, pull request 5846
    Change{"trl", "1.7", [](Framework& f) { f.loss = "fp32_upcast"; }},  // loss_type "nll"
    Change{"trl", "1.0",
           [](Framework& f) {
               // prepare_peft_model: prepare_model_for_kbit_training unless the model is sharded; adapters in fp32
               f.prepares_kbit = true;
               f.quantized_adapter_bytes = 0;
           }},
    // training_args.py: adamw_torch_fused is the default with torch 2.8 on (pull request 37358)
    Change{"transformers", "4.54", [](Framework& f) { f.step = StepImplementation::foreach; }, true},
    Change{"transformers", "4.53", [](Framework& f) { f.checkpoints_outside = true; },
           true},                                                              // GradientCheckpointingLayer
    Change{"transformers", "4.53", [](Framework& f) { f.repeats_kv = true; }}, // sdpa without enable_gqa
    // loss_utils.py: labels are padded in place of a copy of the logits (pull request 35646)
    Change{"transformers", "4.49",
           [](Framework& f) {
               if (f.loss == "fp32_upcast")
                   f.loss = "fp32_shifted";
           }},
    Change{"transformers", "4.45",
           [](Framework& f) {
               if (f.loss == "fp32_shifted")
                   f.loss = "fp32_upcast"; // the head's own output was fp32
           }},
};

std::optional<Version> read_version(std::string_view text)
{
    if (text.starts_with('v'))
        text.remove_prefix(1);
    Version version;
    while (true) {
        std::int64_t part = 0;
        const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), part);
        if (status != std::errc{})
            return std::nullopt;
        version.push_back(part);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty() || text.front() == '+' || text.starts_with(".dev") || text.starts_with(".post") ||
            text.starts_with("rc") || text.starts_with("a") || text.starts_with("b"))
            return version;
        if (text.front() != '.')
            return std::nullopt;
        text.remove_prefix(1);
    }
}

/// "2026-04" or "2026-04-17" or "2025": a month, December of a year alone.
std::optional<std::int64_t> read_date(std::string_view text)
{
    constexpr std::int64_t first_year = 2015;
    constexpr std::int64_t last_year = 2100;
    std::int64_t year = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), year);
    if (status != std::errc{} || year < first_year || year > last_year)
        return std::nullopt;
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (rest.empty())
        return month_of(year, 12);
    if (rest.front() != '-' && rest.front() != '.') // "2025.4": Unsloth counts by year and month
        return std::nullopt;
    rest.remove_prefix(1);
    std::int64_t month = 0;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), month).ec != std::errc{} || month < 1 || month > 12)
        return std::nullopt;
    return month_of(year, month);
}

/// What is known of the software: versions by library, and the day of the newest of them.
struct Software
{
    std::vector<std::pair<std::string_view, Version>> libraries;
    std::optional<std::int64_t> month;

    const Version* of(std::string_view library) const
    {
        for (const auto& [name, version] : libraries)
            if (name == library)
                return &version;
        return nullptr;
    }

    void add(std::string_view library, Version version)
    {
        std::optional<std::int64_t> day;
        for (const Release& release : release_rows)
            if (release.library == library && *read_version(release.version) <= version)
                day = release.month;
        if (day)
            month = std::max(month.value_or(0), *day);
        libraries.emplace_back(library, std::move(version));
    }

    bool is_before(const Change& change, std::string_view framework_library) const
    {
        const Version bound = *read_version(change.version);
        if (const Version* known = of(change.library))
            return *known < bound;
        if (!month)
            return change.if_open && framework_library == "transformers";
        const auto* release = std::find_if(release_rows.begin(), release_rows.end(), [&](const Release& row) {
            return row.library == change.library && row.version == change.version;
        });
        return release != release_rows.end() && *month < release->month;
    }
};

bool concerns(const Change& change, const Framework& framework)
{
    return change.library == framework.library || (change.library == "transformers" && framework.uses_transformers);
}

/// One part between commas: a date, a version of the framework's own, or "transformers 4.48.1".
bool read_part(Software& software, const Framework& framework, std::string_view part)
{
    const std::size_t space = part.find_first_of(" =");
    if (space != std::string_view::npos) {
        std::string_view number = part.substr(part.find_first_not_of(" =", space));
        auto version = read_version(trimmed(number, " "));
        if (!version)
            return false;
        software.add(trimmed(part.substr(0, space), " "), std::move(*version));
        return true;
    }
    if (const auto date = read_date(part)) {
        software.month = std::max(software.month.value_or(0), *date);
        return true;
    }
    auto version = read_version(part);
    if (!version)
        return false;
    software.add(framework.library, std::move(*version));
    return true;
}

} // namespace

Result<std::shared_ptr<const Framework>> framework_at(const Framework& newest, std::string_view version)
{
    auto framework = std::make_shared<Framework>(newest);
    Software software;
    std::string_view rest = version;
    while (!trimmed(rest, " ").empty()) {
        const std::size_t comma = rest.find(',');
        const std::string_view part = trimmed(rest.substr(0, comma), " ");
        if (!part.empty() && !read_part(software, newest, part))
            return Error{"framework_version",
                         in_quotes(part) + " is no version, no date as 2026-04, and no library with its version"};
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    for (const Change& change : changes)
        if (concerns(change, newest) && software.is_before(change, newest.library))
            change.before(*framework);
    return std::shared_ptr<const Framework>(std::move(framework));
}

} // namespace weighbridge
