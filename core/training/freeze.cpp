#include "core/training/freeze.h"

#include "core/training/state.h"
#include "core/training/step_points.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weighbridge {

namespace {

bool is_projector(const Tensor& tensor)
{
    constexpr std::array<std::string_view, 4> names = {"projector", "merger", "connector", "embed_vision"};
    return tensor.part == Part::vision && std::any_of(names.begin(), names.end(), [&](std::string_view name) {
               return tensor.name.find(name) != std::string::npos;
           });
}

bool is_head(const Tensor& tensor)
{
    return tensor.part == Part::embedding && tensor.end == End::output && tensor.columns.value > 1;
}

struct PartRow
{
    std::string_view name;
    bool (*holds)(const Tensor& tensor);
};

constexpr std::array<PartRow, 6> part_rows = {{
    {"tower", [](const Tensor& tensor) { return tensor.part == Part::vision && !is_projector(tensor); }},
    {"projector", is_projector},
    {"language_model", [](const Tensor& tensor) { return tensor.part != Part::vision; }},
    {"embeddings", is_embedding},
    {"head", is_head},
    {"experts", [](const Tensor& tensor) { return tensor.part == Part::experts; }},
}};

const PartRow* part_row(std::string_view name)
{
    const auto* row =
        std::find_if(part_rows.begin(), part_rows.end(), [&](const PartRow& known) { return known.name == name; });
    return row == part_rows.end() ? nullptr : row;
}

bool names(const TrainingInputs& in, std::string_view part)
{
    const std::vector<std::string>& parts = in.choice->freeze;
    return std::find(parts.begin(), parts.end(), part) != parts.end();
}

} // namespace

std::optional<std::pair<std::int64_t, std::int64_t>> frozen_layers(std::string_view part)
{
    constexpr std::string_view word = "layers:";
    const std::size_t dash = part.find('-');
    if (!part.starts_with(word) || dash == std::string_view::npos)
        return std::nullopt;
    const auto number = [](std::string_view text) -> std::optional<std::int64_t> {
        std::int64_t value = 0;
        const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = status == std::errc{} && end == text.data() + text.size() && !text.empty();
        return whole ? std::optional(value) : std::nullopt;
    };
    const auto first = number(part.substr(word.size(), dash - word.size()));
    const auto last = number(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first)
        return std::nullopt;
    return std::pair(*first, *last);
}

bool is_part(std::string_view part)
{
    return part_row(part) != nullptr || frozen_layers(part);
}

double unfrozen_share(const TrainingInputs& in, const Tensor& tensor)
{
    double share = 1;
    const Architecture& architecture = in.model->architecture;
    for (const std::string& part : in.choice->freeze) {
        if (const PartRow* row = part_row(part); row != nullptr && row->holds(tensor))
            return 0;
        const auto layers = frozen_layers(part);
        if (!layers || tensor.kind == Tensor::no_index || tensor.kind >= architecture.kinds.size())
            continue;
        const double frozen = layers_of_first(architecture, tensor.kind, layers->second + 1) -
                              layers_of_first(architecture, tensor.kind, layers->first);
        share -= frozen / std::max(1.0, static_cast<double>(architecture.layers_of(tensor.kind)));
    }
    return std::max(0.0, share);
}

std::int64_t first_unfrozen_layer(const TrainingInputs& in)
{
    const bool towers = !in.model->architecture.towers.empty();
    const bool below = names(in, "embeddings") && (!towers || (names(in, "tower") && names(in, "projector")));
    if (!below || in.frozen_base || in.hardware->pipeline_parallel > 1)
        return 0;
    std::int64_t first = 0;
    for (const std::string& part : in.choice->freeze)
        if (const auto layers = frozen_layers(part); layers && layers->first <= first)
            first = std::max(first, layers->second + 1);
    return std::min(first, std::max<std::int64_t>(0, in.model->architecture.layers() - 1));
}

} // namespace weighbridge
