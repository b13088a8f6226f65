#include "core/sources/stored_comparison.h"

#include "core/precision/rule_difference.h"
#include "core/precision/stored_type.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

namespace weighbridge {

namespace {

const StoredWeights* stored_of(const Model& model)
{
    return model.published && model.published->stored ? &*model.published->stored : nullptr;
}

bool is_file_type(std::string_view type)
{
    return ggml_type(type) != nullptr || safetensors_type(type) != nullptr;
}

/// What the rule makes of a part.
Bytes part_by_rule(const WeightColumn& rule, const Model& model, Part part)
{
    double bytes = 0;
    for (const Tensor& tensor : model.tensors)
        if (tensor.part == part)
            bytes += static_cast<double>(tensor.elements()) * rule.bits(tensor) / 8;
    return {std::llround(bytes)};
}

/// What the rule puts into each type, in the order of their first row; nothing where it names no types of files.
std::vector<std::pair<std::string_view, double>> types_by_rule(const WeightColumn& rule)
{
    std::vector<std::pair<std::string_view, double>> types;
    for (const auto& row : rule.rows())
        for (const StoredShare& share : row) {
            if (!is_file_type(share.type))
                return {};
            const auto same =
                std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.first == share.type; });
            const double bytes = share.elements * share.bits / 8;
            if (same == types.end())
                types.emplace_back(share.type, bytes);
            else
                same->second += bytes;
        }
    return types;
}

void add(StoredComparison& sum, const StoredPart& part)
{
    sum.tensors += part.tensors;
    sum.elements += part.elements;
    sum.bytes.count += part.bytes;
}

} // namespace

std::string stored_types(const std::vector<StoredPart>& parts)
{
    std::vector<std::pair<std::string_view, std::int64_t>> types;
    for (const StoredPart& part : parts) {
        const auto same =
            std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.first == part.type; });
        if (same == types.end())
            types.emplace_back(part.type, part.bytes);
        else
            same->second += part.bytes;
    }
    std::stable_sort(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < types.size(); ++i)
        text += (i == 0 ? "" : i + 1 == types.size() ? " and " : ", ") + std::string(types[i].first);
    return text;
}

std::vector<StoredComparison> stored_by_part(const Model& model)
{
    constexpr std::array order = {Part::attention, Part::feed_forward, Part::experts, Part::shared_experts,
                                  Part::router,    Part::embedding,    Part::norms,   Part::vision};
    std::vector<StoredComparison> rows;
    const StoredWeights* stored = stored_of(model);
    if (stored == nullptr)
        return rows;
    for (const Part part : order) {
        StoredComparison row{.part = part};
        std::vector<StoredPart> of_part;
        std::copy_if(stored->parts.begin(), stored->parts.end(), std::back_inserter(of_part),
                     [part](const StoredPart& other) { return other.part == part; });
        if (of_part.empty())
            continue;
        for (const StoredPart& held : of_part)
            add(row, held);
        row.types = stored_types(of_part);
        if (model.published->rule)
            row.rule = compared_with_rule(row.bytes, part_by_rule(*model.published->rule, model, part));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<StoredComparison> stored_by_type(const Model& model)
{
    std::vector<StoredComparison> rows;
    const StoredWeights* stored = stored_of(model);
    if (stored == nullptr)
        return rows;
    const auto row_of = [&rows](std::string_view type) -> StoredComparison& {
        const auto same =
            std::find_if(rows.begin(), rows.end(), [&](const StoredComparison& row) { return row.types == type; });
        return same == rows.end() ? rows.emplace_back(StoredComparison{.types = std::string(type)}) : *same;
    };
    for (const StoredPart& part : stored->parts)
        add(row_of(part.type), part);
    if (model.published->rule)
        for (const auto& [type, bytes] : types_by_rule(*model.published->rule)) {
            StoredComparison& row = row_of(type);
            row.rule = compared_with_rule(row.bytes, {std::llround(bytes)});
        }
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
    return rows;
}

std::string stored_summary(const Model& model)
{
    const StoredWeights* stored = stored_of(model);
    if (stored == nullptr)
        return {};
    const Bytes bytes{stored->bytes};
    const StoredMismatch& mismatch = stored->mismatch;
    std::string text = in_fitting_unit(bytes, ByteUnit::gib) +
                       (mismatch.any() ? ", file that does not match its config: " : ", exact (file): ") +
                       model.published->label;
    if (mismatch.missing > 0)
        text += "; " + in_fitting_unit({mismatch.missing_bytes}, ByteUnit::gib) + " more are missing there";
    if (model.published->rule)
        text += "; " + compared_with_rule(bytes, {std::llround(model.published->rule->bytes())});
    return text;
}

} // namespace weighbridge
