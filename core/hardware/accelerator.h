#pragma once

#include "core/precision/format.h"
#include "core/quantity/bytes.h"
#include "core/quantity/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Dense peak rates without sparsity, in TFLOP/s (TOP/s for integers); nothing where the part has no such units or no
/// source names one. 16-bit and FP8 rates are with FP32 accumulation, which GeForce cards run at half the headline.
struct DensePeaks
{
    std::optional<double> fp32, bf16, fp16, fp8, int8, fp4, int4;

    bool operator==(const DensePeaks&) const = default;
};

/// One device as software sees it: of a package that shows up as several (MI250X, Trainium), one of them.
struct Accelerator
{
    std::string id; ///< "h100_sxm_80"; "custom" for one typed in
    std::string name;
    std::string short_name; ///< "H100 SXM 80 GB": what tells it from others, with the marketed size; empty for custom
    std::string vendor;
    std::string segment; ///< "datacenter", "workstation", "consumer", "laptop", "desktop-unified", "edge", "cloud-asic"
    Bytes capacity;      ///< what the driver reports; where no driver figure is known, the marketed size
    bool capacity_from_driver = false;
    /// Of NVIDIA's capacity, what the driver keeps for itself: programs are told so much less (cudaMemGetInfo,
    /// PyTorch's "total capacity"). Nothing where no such figure is known.
    std::optional<Bytes> driver_reserved;
    /// What its software is written for: "cuda", "rocm", "xpu" (Intel's GPUs), "gaudi", "metal", "tpu", "neuron",
    /// "ascend"; empty for one typed in.
    std::string platform;
    std::string compute_target;  ///< of NVIDIA the compute capability: "9.0", of AMD "gfx942"; empty where unknown
    bool unified_memory = false; ///< shared with the CPU: only a share of it is for the model
    bool capacity_is_gpu_share =
        false; ///< of unified memory: `capacity` is already the GPU's share (Strix Halo's carve-out)
    std::int64_t scale_up_domain = 0; ///< devices that fast links join at most; 0 where there are none, or not known
    double bandwidth_gbs = 0;         ///< GB/s; 0 where unknown
    std::optional<double> scale_up_gbs_bidirectional; ///< of the fast links of one device, both directions together
    std::optional<double> board_watts;                ///< the most that one device takes
    std::string family;                               ///< generation and die: "Hopper GH100"; empty where unknown
    std::string form_factor;                          ///< "SXM5", "PCIe", "superchip"; empty where unknown
    DensePeaks tflops;
    /// False for parts before tensor cores, which run 16-bit arithmetic at the FP32 rate (P40).
    bool matrix_units = true;
    double marketed_gb = 0; ///< of the whole package
    int devices_per_package = 1;
    std::string note;
    std::vector<std::string> sources;
    std::vector<std::string> unverified; ///< figures that no source was seen for: "dense_tflops.int8", "*" for all

    /// For cards, titles and tables, where the whole name is too long.
    const std::string& card_name() const { return short_name.empty() ? name : short_name; }
    /// "4 × H100 SXM 80 GB".
    std::string cards_name(std::int64_t count) const;

    bool operator==(const Accelerator&) const = default;
};

/// NVIDIA's compute capability times ten: 90 of "9.0", 103 of "10.3"; 0 where it is another's or not known.
std::int64_t compute_capability(const Accelerator* accelerator);

/// What to count on by default of an accelerator's capacity: all of a card's own memory, of a Mac's Metal's working set
/// (74 to 84 % by its size, on macOS 26), 75 % of other unified memory, all of what is already the GPU's share.
double default_usable_fraction(const Accelerator& accelerator);

struct PeakRate
{
    double flops_per_second = 0;
    ComputeType type = ComputeType::bf16;

    bool operator==(const PeakRate&) const = default;
};

/// Peak for a kind of arithmetic. Falls back to the type the hardware really runs it at, and the caller gets that type:
/// what is narrower than 16 bits and has no units of its own is widened to BF16 (FP8 weights on an A100, NVFP4 on an
/// H100: weight-only kernels), BF16 and FP16 stand in for each other (V100, T4), and both for FP32 only where there are
/// no matrix units. Nothing where no figure is known: unknown is not zero.
std::optional<PeakRate> peak_rate(const Accelerator& accelerator, ComputeType wanted);

/// The bundled catalogue. Entries are parsed from their JSON when asked for; `ids()` costs nothing.
/// Parts sold with several sizes of memory are there once per size: "m4_max" (128 GB, the marketed one), "m4_max_36",
/// ...
class Catalogue
{
public:
    /// Bundled entries. Never fails: a test proves that every bundled entry parses.
    Catalogue();

    std::span<const std::string_view> ids() const { return ids_; }
    /// Exact but for upper and lower case; "m4_max_128" finds "m4_max". The error names the id and the nearest known
    /// one.
    Result<Accelerator> find(std::string_view id) const;
    std::vector<Accelerator> all() const;

private:
    std::vector<std::string_view> ids_;
};

} // namespace weighbridge
