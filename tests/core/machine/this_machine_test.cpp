// What a machine's programs and files say: names as nvidia-smi prints them in public logs, the layout of its table in
// drivers 470 to 580, rocm-smi's JSON, sysfs and /proc.

#include "core/machine/machine.h"

#include "core/fields/fields.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::int64_t mebibyte = 1048576;

TEST(AcceleratorCalled, KnowsTheDriversNames)
{
    struct Named
    {
        const char* name;
        std::int64_t mib;
        const char* id;
    };
    for (const Named& named :
         {Named{"NVIDIA H100 80GB HBM3", 81559, "h100_sxm_80"}, Named{"NVIDIA H100 PCIe", 81559, "h100_pcie_80"},
          Named{"NVIDIA A100-SXM4-40GB", 40960, "a100_sxm_40"}, Named{"NVIDIA A100-SXM4-80GB", 81920, "a100_sxm_80"},
          Named{"NVIDIA A100 80GB PCIe", 81920, "a100_pcie_80"}, Named{"NVIDIA GeForce RTX 3090", 24576, "rtx_3090"},
          Named{"NVIDIA GeForce RTX 3090 Ti", 24564, "rtx_3090_ti"},
          Named{"NVIDIA GeForce RTX 4090", 24564, "rtx_4090"}, Named{"NVIDIA GeForce RTX 5090", 32607, "rtx_5090"},
          Named{"Tesla T4", 15360, "t4"}, Named{"NVIDIA L40S", 46068, "l40s"},
          Named{"NVIDIA H200", 143771, "h200_sxm_141"},
          Named{"NVIDIA RTX PRO 6000 Blackwell Server Edition", 97887, "rtx_pro_6000_server"},
          Named{"NVIDIA GeForce RTX 4090 D", 24564, "rtx_4090_d"},
          Named{"NVIDIA GeForce RTX 4090 Laptop GPU", 16376, "rtx_4090_laptop"},
          Named{"NVIDIA GeForce RTX 4070 Ti SUPER", 16376, "rtx_4070_ti_super"},
          Named{"NVIDIA B200", 183359, "b200_sxm"}, Named{"NVIDIA GeForce RTX 9990", 98304, ""}, Named{"", 1, ""}})
        EXPECT_EQ(accelerator_called(named.name, named.mib * mebibyte), named.id) << named.name;
}

TEST(ReadMachine, ReadsTheQueryOfNvidiaSmi)
{
    MachineTexts texts;
    texts.nvidia_smi = "0, NVIDIA GeForce RTX 3090, 24576, 0\n1, NVIDIA GeForce RTX 3090, 24576, 0\n2, NVIDIA GeForce "
                       "RTX 3060, 12288, 1024\n";
    const Machine machine = read_machine(texts);
    ASSERT_EQ(machine.devices.size(), 2U);
    EXPECT_EQ(machine.devices[0].accelerator, "rtx_3090");
    EXPECT_EQ(machine.devices[0].count, 2);
    EXPECT_EQ(machine.devices[1].accelerator, "rtx_3060_12");
    EXPECT_EQ(machine.devices[1].memory_in_use_gib, 1.0);
    EXPECT_EQ(machine.devices_source, "nvidia-smi");
}

TEST(ReadMachine, ReadsTheTableOfNvidiaSmi)
{
    const std::string table =
        "+-----------------------------------------------------------------------------+\n"
        "| NVIDIA-SMI 535.54.03    Driver Version: 535.54.03    CUDA Version: 12.2     |\n"
        "|   0  NVIDIA GeForce RTX 4090        Off | 00000000:01:00.0  On |                  Off |\n"
        "|  0%   45C    P8              22W / 450W |   2048MiB / 24564MiB |      3%      Default |\n"
        "|    0   N/A  N/A      1234      G   /usr/lib/xorg/Xorg                          300MiB |\n";
    EXPECT_TRUE(is_nvidia_smi(table));
    MachineTexts texts;
    texts.nvidia_smi = table;
    const Machine machine = read_machine(texts);
    ASSERT_EQ(machine.devices.size(), 1U);
    EXPECT_EQ(machine.devices[0].accelerator, "rtx_4090");
    EXPECT_EQ(machine.devices[0].memory_in_use_gib, 2.0);
    EXPECT_FALSE(is_nvidia_smi("hello"));
}

TEST(ReadMachine, KeepsACardThatNobodyKnows)
{
    MachineTexts texts;
    texts.nvidia_smi = "NVIDIA Prototype X9000, 65536, 0\n";
    const Machine machine = read_machine(texts);
    ASSERT_EQ(machine.devices.size(), 1U);
    ASSERT_TRUE(machine.devices[0].custom);
    EXPECT_EQ(machine.devices[0].custom->name, "NVIDIA Prototype X9000");
    EXPECT_EQ(machine.devices[0].custom->capacity.count, 65536 * mebibyte);
    EXPECT_FALSE(machine.remarks.empty());
    Scenario scenario;
    EXPECT_FALSE(take_machine(scenario, machine));
    EXPECT_EQ(scenario.hardware.devices.size(), 1U);
}

TEST(ReadMachine, FallsBackToTheBus)
{
    MachineTexts texts;
    texts.pci = {{"0000:00:02.0", 0x8086, 0x1234, 0x030000, {}, {}},
                 {"0000:01:00.0", 0x10de, 0x2204, 0x030000, {}, {}},
                 {"0000:02:00.0", 0x1002, 0x74a1, 0x120000, 206141652992, 1073741824},
                 {"0000:03:00.0", 0x10de, 0x10f9, 0x040300, {}, {}}};
    const Machine machine = read_machine(texts);
    ASSERT_EQ(machine.devices.size(), 2U);
    EXPECT_EQ(machine.devices[0].accelerator, "rtx_3090");
    EXPECT_EQ(machine.devices[1].accelerator, "mi300x");
    EXPECT_EQ(machine.devices[1].memory_in_use_gib, 1.0);
}

TEST(ReadMachine, ReadsAmdAndApple)
{
    MachineTexts texts;
    texts.rocm_smi = "{\"card0\": {\"Card Series\": \"AMD Instinct MI300X\", "
                     "\"VRAM Total Memory (B)\": \"206141652992\", \"VRAM Total Used Memory (B)\": \"0\"}}";
    EXPECT_EQ(read_machine(texts).devices.at(0).accelerator, "mi300x");
    MachineTexts mac;
    mac.sysctl = "hw.memsize: 137438953472\nmachdep.cpu.brand_string: Apple M4 Max\n";
    EXPECT_EQ(read_machine(mac).devices.at(0).accelerator, "m4_max");
}

TEST(ReadMachine, ReadsTheHost)
{
    MachineTexts texts;
    texts.meminfo = "MemTotal:       131072000 kB\nMemFree: 1 kB\nMemAvailable:   104857600 kB\n";
    texts.cpuinfo = "processor\t: 0\nmodel name\t: EPYC\nprocessor\t: 1\n";
    const Machine machine = read_machine(texts);
    EXPECT_EQ(machine.host.memory_gib, 125.0);
    EXPECT_EQ(machine.host.memory_in_use_gib, 25.0);
    EXPECT_EQ(machine.host.cpu_threads, 2);
    EXPECT_EQ(machine.host.name, "EPYC");
    EXPECT_TRUE(machine.devices.empty());
    Scenario scenario;
    EXPECT_TRUE(take_machine(scenario, machine));
}

TEST(ReadMachine, TakesNothingOfRubbish)
{
    for (const std::string text :
         {"", "| | | MiB / |", ",,,", "a, -1", "a, 1e999", "{\"card0\": 3}", "|   0  x  :\n| 1MiB / xMiB |"}) {
        MachineTexts texts;
        texts.nvidia_smi = texts.rocm_smi = texts.meminfo = texts.cpuinfo = texts.sysctl = text;
        EXPECT_TRUE(read_machine(texts).devices.empty()) << text;
    }
}

} // namespace

} // namespace weighbridge
