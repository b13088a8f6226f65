#include "core/hardware/accelerator.h"

#include "core/quantity/display.h"

#include <array>
#include <charconv>
#include <system_error>

namespace weighbridge {

std::string Accelerator::cards_name(std::int64_t count) const
{
    return grouped(count) + " × " + card_name();
}

std::int64_t compute_capability(const Accelerator* accelerator)
{
    if (accelerator == nullptr)
        return 0;
    const std::string& target = accelerator->compute_target;
    const std::size_t point = target.find('.');
    if (point == std::string::npos)
        return 0;
    std::int64_t major = 0;
    std::int64_t minor = 0;
    const auto read = [&](std::size_t from, std::size_t to, std::int64_t& number) {
        return std::from_chars(target.data() + from, target.data() + to, number).ec == std::errc{};
    };
    return read(0, point, major) && read(point + 1, target.size(), minor) ? 10 * major + minor : 0;
}

namespace {

constexpr double usable_share_of_unified_memory = 0.75;

/// A Mac's recommendedMaxWorkingSetSize by the size of its memory, as macOS 26 has it: 12,713.12 MB of 16 GiB and 17.76
/// of 24 GiB, 24.96 of 32, 51.84 of 64, 107.52 of 128 (logs of llama.cpp and of MLX: jundot/omlx#1907,
/// antirez/ds4#893). Sizes between take the share of the next smaller one. macOS 13 to 15 had 2/3 up to 36 GiB and 3/4
/// above.
struct WorkingSet
{
    double from_gib = 0;
    double share = 0;
};
constexpr std::array<WorkingSet, 4> working_sets = {{{128, 0.84}, {64, 0.81}, {32, 0.78}, {0, 0.74}}};

double working_set_share(Bytes memory)
{
    for (const WorkingSet& set : working_sets)
        if (static_cast<double>(memory.count) >= set.from_gib * 1024 * 1024 * 1024)
            return set.share;
    return working_sets.back().share;
}

const std::optional<double>& figure(const DensePeaks& peaks, ComputeType type)
{
    switch (type) {
    case ComputeType::fp32:
        return peaks.fp32;
    case ComputeType::bf16:
        return peaks.bf16;
    case ComputeType::fp16:
        return peaks.fp16;
    case ComputeType::fp8:
        return peaks.fp8;
    case ComputeType::int8:
        return peaks.int8;
    case ComputeType::fp4:
        return peaks.fp4;
    case ComputeType::int4:
        return peaks.int4;
    }
    return peaks.bf16;
}

} // namespace

double default_usable_fraction(const Accelerator& accelerator)
{
    if (!accelerator.unified_memory || accelerator.capacity_is_gpu_share)
        return 1;
    return accelerator.platform == "metal" ? working_set_share(accelerator.capacity) : usable_share_of_unified_memory;
}

std::optional<PeakRate> peak_rate(const Accelerator& accelerator, ComputeType wanted)
{
    const auto rate_of = [&](ComputeType type) -> std::optional<PeakRate> {
        const std::optional<double>& teraflops = figure(accelerator.tflops, type);
        if (!teraflops)
            return std::nullopt;
        return PeakRate{*teraflops * 1e12, type};
    };
    if (const auto rate = rate_of(wanted))
        return rate;
    if (wanted == ComputeType::fp32)
        return std::nullopt;
    for (const ComputeType wider : {ComputeType::bf16, ComputeType::fp16})
        if (const auto rate = rate_of(wider))
            return rate;
    return accelerator.matrix_units ? std::nullopt : rate_of(ComputeType::fp32);
}

} // namespace weighbridge
