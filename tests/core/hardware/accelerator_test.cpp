#include "core/hardware/accelerator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace weighbridge {
namespace {

Accelerator known(std::string_view id)
{
    const auto found = Catalogue().find(id);
    EXPECT_TRUE(found) << id;
    return found ? *found : Accelerator{};
}

std::string peak_text(std::string_view id, ComputeType wanted)
{
    const auto rate = peak_rate(known(id), wanted);
    return rate ? std::string(compute_type_name(rate->type)) : "unknown";
}

constexpr std::int64_t mib = 1024 * 1024;
constexpr std::int64_t whole_gib = 1024 * mib;

// MiB as nvidia-smi and rocm-smi print them.
TEST(Accelerators, CapacityIsTheDriversWhereKnown)
{
    struct Case
    {
        const char* id;
        std::int64_t bytes;
    };
    for (const Case& c :
         {Case{"a100_sxm_80", 81920 * mib}, Case{"h100_sxm_80", 81559 * mib}, Case{"h100_nvl_94", 95830 * mib},
          Case{"h200_sxm_141", 143771 * mib}, Case{"b200_sxm", 183359 * mib}, Case{"b300_sxm", 275040 * mib},
          Case{"rtx_4090", 24564 * mib}, Case{"rtx_5090", 32607 * mib}, Case{"mi300x", 206141652992}}) {
        EXPECT_EQ(known(c.id).capacity.count, c.bytes) << c.id;
        EXPECT_TRUE(known(c.id).capacity_from_driver) << c.id;
    }
}

TEST(Accelerators, MarketedSizesAreReadInTheirUnit)
{
    EXPECT_EQ(known("m4_max").capacity.count, 128 * whole_gib);
    EXPECT_EQ(known("m3_ultra").capacity.count, 512 * whole_gib);
    EXPECT_EQ(known("mi325x").capacity.count, 256 * whole_gib);
    EXPECT_FALSE(known("m4_max").capacity_from_driver);
    // Unit not known: decimal promises less.
    EXPECT_EQ(known("tpu_v5e").capacity.count, 16'000'000'000);
    EXPECT_NE(known("tpu_v5e").note.find("not known"), std::string::npos);
}

TEST(Accelerators, PackagesThatShowUpAsSeveralDevicesAreNotPooled)
{
    const Accelerator mi250x = known("mi250x"); // two GCDs of 64 GB and 191.5 TFLOP/s
    EXPECT_EQ(mi250x.capacity.count, 64 * whole_gib);
    EXPECT_EQ(mi250x.tflops.bf16, 191.5);
    EXPECT_EQ(mi250x.bandwidth_gbs, 1638.5);
    EXPECT_EQ(mi250x.devices_per_package, 2);
    EXPECT_EQ(mi250x.marketed_gb, 128);
}

TEST(Accelerators, SizesSoldAreEntriesOfTheirOwn)
{
    const Accelerator small = known("m4_max_36");
    EXPECT_EQ(small.id, "m4_max_36");
    EXPECT_EQ(small.name, "Apple M4 Max 36 GB");
    EXPECT_EQ(small.capacity.count, 36 * whole_gib);
    EXPECT_EQ(small.bandwidth_gbs, 410) << "sold with the smaller GPU only";
    EXPECT_EQ(known("m4_max_48").bandwidth_gbs, 546);
    EXPECT_EQ(known("m4_max_128"), known("m4_max"));
    EXPECT_EQ(known("rtx_4090_48").capacity.count, 48 * whole_gib);
    EXPECT_FALSE(known("rtx_4090_48").capacity_from_driver) << "the driver's figure is of the 24 GB card";
    EXPECT_EQ(known("strix_halo_64").capacity.count, 64 * whole_gib);
    EXPECT_EQ(known("strix_halo_64").name, "Ryzen AI Max+ 395 (Strix Halo) 64 GB");
    EXPECT_EQ(known("strix_halo_128").name, "Ryzen AI Max+ 395 (Strix Halo) 128 GB");

    const Catalogue catalogue;
    const auto ids = catalogue.ids();
    const auto base = std::find(ids.begin(), ids.end(), "m4_max");
    ASSERT_NE(base, ids.end());
    EXPECT_EQ(base[1], "m4_max_36");
    EXPECT_EQ(base[3], "m4_max_64");
}

TEST(Accelerators, UnifiedMemoryIsSharedUnlessItIsTheGpusShareAlready)
{
    EXPECT_EQ(default_usable_fraction(known("h100_sxm_80")), 1);
    // recommendedMaxWorkingSetSize on macOS 26: 107.52 GiB of 128, 51.84 of 64, 24.96 of 32, 12,713.12 MB of 16 GiB
    EXPECT_EQ(default_usable_fraction(known("m4_max")), 0.84);
    EXPECT_EQ(default_usable_fraction(known("m4_max_64")), 0.81);
    EXPECT_EQ(default_usable_fraction(known("m1_pro")), 0.78);
    EXPECT_EQ(default_usable_fraction(known("m1")), 0.74);
    EXPECT_EQ(default_usable_fraction(known("dgx_spark")), 0.75);
    EXPECT_EQ(default_usable_fraction(known("strix_halo_128")), 1) << "96 of 128 GiB given to the GPU";
    EXPECT_EQ(default_usable_fraction(known("strix_halo_64")), 0.75);
}

TEST(Accelerators, ShortNamesFitACardAndTellOneFromAnother)
{
    struct Case
    {
        const char* id;
        const char* short_name;
        const char* name;
    };
    for (const Case& c : {Case{"b300_sxm", "B300 SXM 288 GB", "B300 SXM (Blackwell Ultra) 288 GB"},
                          Case{"h100_sxm_80", "H100 SXM 80 GB", "H100 SXM5 80 GB"},
                          Case{"rtx_4090", "RTX 4090 24 GB", "GeForce RTX 4090 24 GB"},
                          Case{"rtx_4090_48", "RTX 4090 48 GB", "GeForce RTX 4090 48 GB"},
                          Case{"m4_max_36", "M4 Max 36 GB", "Apple M4 Max 36 GB"},
                          Case{"mi250x", "MI250X GCD 64 GB", "Instinct MI250X (package = 2 GCD)"}}) {
        EXPECT_EQ(known(c.id).card_name(), c.short_name);
        EXPECT_EQ(known(c.id).name, c.name);
    }
    Accelerator custom;
    custom.name = "Prototype";
    EXPECT_EQ(custom.card_name(), "Prototype");

    std::set<std::string> seen;
    for (const Accelerator& accelerator : Catalogue().all()) {
        EXPECT_TRUE(seen.insert(accelerator.short_name).second) << accelerator.short_name << " is there twice";
        EXPECT_LE(accelerator.short_name.size(), 24U) << accelerator.short_name;
        EXPECT_TRUE(accelerator.short_name.ends_with(" GB") && !accelerator.short_name.starts_with(' '))
            << accelerator.id << ": " << accelerator.short_name;
        const std::size_t gb = accelerator.name.find("GB");
        EXPECT_FALSE(gb != std::string::npos && gb > 0 &&
                     std::isdigit(static_cast<unsigned char>(accelerator.name[gb - 1])))
            << accelerator.name << ": a size without a space";
    }
}

TEST(Accelerators, NamesIgnoreCaseAndErrorsNameTheNearest)
{
    EXPECT_EQ(known("H100_SXM_80").id, "h100_sxm_80");
    struct Case
    {
        const char* typed;
        const char* nearest;
    };
    for (const Case& c :
         {Case{"h100_smx_80", "\"h100_sxm_80\""}, Case{"rtx4090", "\"rtx_4090\""}, Case{"m3_ultra_510", "\"m3_ultra"},
          Case{"a100_80", "\"a100_"}, Case{"h200", "\"h200_"}, Case{"", "weighbridge list accelerators"}}) {
        const auto found = Catalogue().find(c.typed);
        ASSERT_FALSE(found) << c.typed;
        EXPECT_EQ(found.error().field, "hardware.accelerator");
        EXPECT_NE(found.error().message.find(c.nearest), std::string::npos) << c.typed << ": " << found.error().message;
    }
    EXPECT_LT(Catalogue().find(std::string(10'000'000, 'h')).error().message.size(), 300U);
}

TEST(PeakRates, AreDense)
{
    struct Case
    {
        const char* id;
        ComputeType type;
        double tflops;
    };
    // Half of what data sheets print with sparsity: H100 1,979 and 3,958, L4 242 and 485; RTX 4090 BF16 with FP32
    // accumulation.
    for (const Case& c : {Case{"h100_sxm_80", ComputeType::bf16, 989.4}, Case{"h100_sxm_80", ComputeType::fp8, 1979},
                          Case{"a100_sxm_80", ComputeType::bf16, 312}, Case{"l4", ComputeType::bf16, 121},
                          Case{"rtx_4090", ComputeType::bf16, 165.2}, Case{"b300_sxm", ComputeType::fp4, 14000},
                          Case{"mi355x", ComputeType::fp8, 5033}}) {
        const auto rate = peak_rate(known(c.id), c.type);
        ASSERT_TRUE(rate) << c.id;
        EXPECT_DOUBLE_EQ(rate->flops_per_second, c.tflops * 1e12) << c.id;
        EXPECT_EQ(rate->type, c.type) << c.id;
    }
}

TEST(PeakRates, FallBackToWhatTheHardwareRuns)
{
    EXPECT_EQ(peak_text("a100_sxm_80", ComputeType::fp8), "BF16");
    EXPECT_EQ(peak_text("h100_sxm_80", ComputeType::fp4), "BF16") << "weight-only on Hopper, not FP8";
    EXPECT_EQ(peak_text("b200_sxm", ComputeType::fp4), "FP4");
    EXPECT_EQ(peak_text("v100_sxm2_32", ComputeType::bf16), "FP16");
    EXPECT_EQ(peak_text("v100_sxm2_32", ComputeType::fp8), "FP16");
    EXPECT_EQ(peak_text("t4", ComputeType::bf16), "FP16");
    EXPECT_EQ(peak_text("p40", ComputeType::bf16), "FP32") << "no matrix units";
    EXPECT_EQ(peak_text("p40", ComputeType::int8), "INT8");
    EXPECT_EQ(peak_text("tpu_v4", ComputeType::fp16), "BF16");
}

TEST(PeakRates, UnknownIsNotZero)
{
    EXPECT_EQ(peak_text("gb300_ws", ComputeType::bf16), "unknown");
    EXPECT_EQ(peak_text("m5_max", ComputeType::bf16), "unknown") << "has matrix units, whose rate is not published";
    EXPECT_EQ(peak_text("tpu_v5e", ComputeType::fp32), "unknown");
    EXPECT_EQ(peak_rate(Accelerator{}, ComputeType::bf16), std::nullopt);
}

// What no source gives, by name: a new gap, or one that was filled, shows here.
TEST(CatalogueData, GapsAreKnown)
{
    std::set<std::string> without_bandwidth;
    std::set<std::string> without_16_bit_peak;
    for (const Accelerator& accelerator : Catalogue().all()) {
        if (accelerator.bandwidth_gbs == 0)
            without_bandwidth.insert(accelerator.id);
        if (!peak_rate(accelerator, ComputeType::bf16))
            without_16_bit_peak.insert(accelerator.id);
    }
    EXPECT_EQ(without_bandwidth, (std::set<std::string>{"rtx_6000d"}));
    EXPECT_EQ(without_16_bit_peak, (std::set<std::string>{"ascend_950pr", "gb300_ws", "m5", "m5_16", "m5_24", "m5_max",
                                                          "m5_max_36", "m5_max_48", "m5_max_64", "m5_pro", "m5_pro_24",
                                                          "m5_pro_48", "mi350p", "rtx_6000d"}));
}

TEST(CatalogueData, EveryEntryParsesAndIsSane)
{
    const Catalogue catalogue;
    ASSERT_GE(catalogue.ids().size(), 135U);
    std::set<std::string_view> ids;
    for (const std::string_view id : catalogue.ids()) {
        EXPECT_TRUE(ids.insert(id).second) << id << " is there twice";
        const auto found = catalogue.find(id);
        ASSERT_TRUE(found) << id;
        EXPECT_EQ(found->id, id);
        EXPECT_FALSE(found->name.empty() || found->vendor.empty() || found->segment.empty()) << id;
        EXPECT_FALSE(found->sources.empty()) << id;
        EXPECT_GE(found->capacity.count, 4 * whole_gib) << id;
        EXPECT_LE(found->capacity.count, 1024 * whole_gib) << id;
        EXPECT_LE(static_cast<double>(found->capacity.count),
                  found->marketed_gb * bytes_per_gib / found->devices_per_package + 1e9)
            << id << " holds more than its label says";
        EXPECT_LE(found->bandwidth_gbs, 25000) << id;
    }
}

// Sparse figures are twice the dense ones; none of these parts is above what its silicon does densely.
TEST(CatalogueData, PeaksAreInDenseProportions)
{
    for (const Accelerator& accelerator : Catalogue().all()) {
        const DensePeaks& peaks = accelerator.tflops;
        for (const auto& peak : {peaks.fp32, peaks.bf16, peaks.fp16, peaks.fp8, peaks.int8, peaks.fp4, peaks.int4})
            EXPECT_TRUE(!peak || *peak > 0) << accelerator.id;
        EXPECT_LE(peaks.bf16.value_or(0), 5000) << accelerator.id;
        if (peaks.bf16 && peaks.fp8) {
            EXPECT_LE(*peaks.fp8, *peaks.bf16 * 4.4) << accelerator.id;
        }
        if (peaks.fp8 && peaks.fp4) {
            EXPECT_LE(*peaks.fp4, *peaks.fp8 * 4.05) << accelerator.id;
        }
    }
}

} // namespace
} // namespace weighbridge
