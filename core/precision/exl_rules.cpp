#include "core/precision/exl_rules.h"

#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace weighbridge {

namespace {

constexpr double usual_head_bits = 6, fewest_exl_bits = 1, most_exl_bits = 8;

/// "4.0", "3.05": as names of repositories have them.
std::string one_decimal(double bits)
{
    std::array<char, 32> text{};
    const auto [end, status] = std::to_chars(text.data(), text.data() + text.size(), bits);
    std::string shown(text.data(), status == std::errc{} ? end : text.data());
    return shown.find('.') == std::string::npos ? shown + ".0" : shown;
}

/// Takes a number within 1 to 8 off the front of a text.
std::optional<double> take_bits(std::string_view& text)
{
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || !(value >= fewest_exl_bits && value <= most_exl_bits))
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// The same of a whole number within 2 to 8.
std::optional<std::int64_t> take_cached_bits(std::string_view& text)
{
    constexpr std::int64_t fewest = 2, most = 8;
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || value < fewest || value > most)
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, std::string_view start)
{
    if (!equal_ignoring_case(text.substr(0, start.size()), start))
        return false;
    text.remove_prefix(start.size());
    return true;
}

/// Two small matrices of gated delta networks, which the converter leaves alone (modules/gated_delta_net.py).
bool is_gate_of_delta(const Tensor& tensor)
{
    const std::string_view name = tensor.name;
    return name.ends_with("in_proj_ba.weight") || name.ends_with("in_proj_a.weight") ||
           name.ends_with("in_proj_b.weight");
}

bool is_head(const Tensor& tensor)
{
    return tensor.name.starts_with("lm_head") && !tensor.columns.symbol.empty();
}

std::int64_t padded(std::int64_t side)
{
    constexpr std::int64_t step = 128;
    return (side + step - 1) / step * step;
}

/// What -hq lifts a tensor by, where the network has experts (select_hq_bits of architecture/*.py).
double lifted_by(const Tensor& tensor)
{
    switch (tensor.part) {
    case Part::attention:
    case Part::shared_experts:
        return 2;
    case Part::feed_forward:
        return 1;
    default:
        return 0;
    }
}

/// Whole bits are spent by priority; here every tensor that is not lifted has the mean.
class Budget
{
public:
    Budget(const ExlMix& mix, const std::vector<Tensor>& tensors) : mix_(mix), rest_(mix.bits)
    {
        const bool experts = std::any_of(tensors.begin(), tensors.end(),
                                         [](const Tensor& tensor) { return tensor.part == Part::experts; });
        lifts_ = mix.high_quality && experts;
        const double floor = std::floor(mix.bits);
        if (!lifts_ || floor == mix.bits)
            return;
        // The budget beyond whole bits goes to these first (conversion/allocation.py): one bit more each.
        double all = 0, lifted = 0;
        for (const Tensor& tensor : tensors)
            if (exl_takes(tensor) && !is_head(tensor)) {
                const auto elements = static_cast<double>(tensor.elements());
                all += elements;
                lifted += lifted_by(tensor) > 0 ? elements : 0;
            }
        if (all > lifted)
            rest_ = std::max(floor, (mix.bits * all - (floor + 1) * lifted) / (all - lifted));
    }

    double of(const Tensor& tensor) const
    {
        if (is_head(tensor))
            return mix_.head_bits;
        const double lift = lifts_ ? lifted_by(tensor) : 0;
        return lift > 0 ? std::min(most_exl_bits, std::floor(mix_.bits) + lift) : rest_;
    }

private:
    const ExlMix& mix_;
    bool lifts_ = false;
    double rest_;
};

} // namespace

std::string ExlMix::name() const
{
    std::string text = one_decimal(bits);
    if (head_bits != usual_head_bits)
        text += "_h" + std::to_string(std::lround(head_bits));
    return high_quality ? text + "_hq" : text;
}

std::string ExlMix::label() const
{
    std::string text = (third ? "EXL3 " : "EXL2 ") + one_decimal(bits) + " bits";
    if (head_bits != usual_head_bits)
        text += ", head " + std::to_string(std::lround(head_bits));
    return high_quality ? text + ", -hq" : text;
}

std::optional<ExlMix> find_exl_mix(std::string_view name, bool third)
{
    ExlMix mix{.third = third};
    const auto bits = take_bits(name);
    if (!bits)
        return std::nullopt;
    mix.bits = *bits;
    take(name, "bpw");
    mix.high_quality = third && take(name, "_hq");
    if (take(name, "_h")) {
        const auto head = take_bits(name);
        if (!head || *head != std::floor(*head))
            return std::nullopt;
        mix.head_bits = *head;
    }
    mix.high_quality = (third && take(name, "_hq")) || mix.high_quality;
    return name.empty() ? std::optional(mix) : std::nullopt;
}

std::span<const std::string_view> exl3_mix_names()
{
    static constexpr std::array<std::string_view, 8> names = {"2.0", "2.5", "3.0", "3.5", "4.0", "5.0", "6.0", "8.0"};
    return names;
}

bool exl_takes(const Tensor& tensor)
{
    return (tensor.quantizable && tensor.part != Part::vision && !is_gate_of_delta(tensor)) || is_head(tensor);
}

double exl3_matrix_bits(std::int64_t inputs, std::int64_t outputs, double bits)
{
    const auto k = static_cast<double>(padded(inputs)), n = static_cast<double>(padded(outputs));
    return k * n * bits + 16 * (k + n);
}

WeightColumn exl_column(const ExlMix& mix, const std::vector<Tensor>& tensors)
{
    const Budget budget(mix, tensors);
    std::vector<WeightColumn::Shares> rows;
    rows.reserve(tensors.size());
    for (const Tensor& tensor : tensors) {
        const auto elements = static_cast<double>(tensor.elements());
        if (!exl_takes(tensor)) {
            rows.push_back({{"16", elements, 16, {}}});
            continue;
        }
        double bits = budget.of(tensor);
        if (mix.third)
            bits = exl3_matrix_bits(tensor.columns.value, tensor.rows.value, bits) /
                   static_cast<double>(tensor.rows.value * tensor.columns.value);
        rows.push_back({{"w", elements, bits, {}}});
    }
    return {tensors, std::move(rows)};
}

std::optional<ExlCacheBits> find_exl_cache(std::string_view name)
{
    const bool letter = take(name, "q");
    const bool full = !letter && take(name, "exl3:");
    const auto keys = take_cached_bits(name);
    const bool two = !letter && take(name, ",");
    const auto values = two ? take_cached_bits(name) : keys;
    if (!keys || !values || !name.empty() || (!letter && !full && !two))
        return std::nullopt;
    return ExlCacheBits{*keys, *values};
}

std::string exl_cache_name(const ExlCacheBits& bits)
{
    return "exl3:" + std::to_string(bits.keys) + "," + std::to_string(bits.values);
}

} // namespace weighbridge
