#include "core/machine/machine.h"

#include "core/hardware/accelerator.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>

namespace weighbridge {

namespace {

struct PciId
{
    std::uint32_t vendor;
    std::uint32_t device;
    std::string_view name; ///< as the driver calls it
    double gigabytes;      ///< where several sizes have the name
};

constexpr std::uint32_t nvidia = 0x10de;
constexpr std::uint32_t amd = 0x1002;
constexpr std::uint32_t intel = 0x8086;

// The names of the PCI ID repository (pci-ids.ucw.cz) and of NVIDIA's list of supported chips (README of the driver).
constexpr std::array pci_ids = {
    PciId{nvidia, 0x15f8, "Tesla P100-PCIE-16GB", 16},
    PciId{nvidia, 0x1b38, "Tesla P40", 24},
    PciId{nvidia, 0x1db1, "Tesla V100-SXM2-16GB", 16},
    PciId{nvidia, 0x1db4, "Tesla V100-PCIE-16GB", 16},
    PciId{nvidia, 0x1db5, "Tesla V100-SXM2-32GB", 32},
    PciId{nvidia, 0x1db6, "Tesla V100-PCIE-32GB", 32},
    PciId{nvidia, 0x1e07, "NVIDIA GeForce RTX 2080 Ti", 11},
    PciId{nvidia, 0x1eb8, "Tesla T4", 16},
    PciId{nvidia, 0x20b0, "NVIDIA A100-SXM4-40GB", 40},
    PciId{nvidia, 0x20b2, "NVIDIA A100-SXM4-80GB", 80},
    PciId{nvidia, 0x20b5, "NVIDIA A100 80GB PCIe", 80},
    PciId{nvidia, 0x20f1, "NVIDIA A100-PCIE-40GB", 40},
    PciId{nvidia, 0x2203, "NVIDIA GeForce RTX 3090 Ti", 24},
    PciId{nvidia, 0x2204, "NVIDIA GeForce RTX 3090", 24},
    PciId{nvidia, 0x2206, "NVIDIA GeForce RTX 3080", 10},
    PciId{nvidia, 0x2208, "NVIDIA GeForce RTX 3080 Ti", 12},
    PciId{nvidia, 0x2230, "NVIDIA RTX A6000", 48},
    PciId{nvidia, 0x2235, "NVIDIA A40", 48},
    PciId{nvidia, 0x2236, "NVIDIA A10", 24},
    PciId{nvidia, 0x2321, "NVIDIA H100 NVL", 94},
    PciId{nvidia, 0x2330, "NVIDIA H100 80GB HBM3", 80},
    PciId{nvidia, 0x2331, "NVIDIA H100 PCIe", 80},
    PciId{nvidia, 0x2335, "NVIDIA H200", 141},
    PciId{nvidia, 0x2484, "NVIDIA GeForce RTX 3070", 8},
    PciId{nvidia, 0x2486, "NVIDIA GeForce RTX 3060 Ti", 8},
    PciId{nvidia, 0x2503, "NVIDIA GeForce RTX 3060", 12},
    PciId{nvidia, 0x2504, "NVIDIA GeForce RTX 3060", 12},
    PciId{nvidia, 0x2684, "NVIDIA GeForce RTX 4090", 24},
    PciId{nvidia, 0x26b1, "NVIDIA RTX 6000 Ada Generation", 48},
    PciId{nvidia, 0x26b5, "NVIDIA L40", 48},
    PciId{nvidia, 0x26b9, "NVIDIA L40S", 48},
    PciId{nvidia, 0x2702, "NVIDIA GeForce RTX 4080 SUPER", 16},
    PciId{nvidia, 0x2704, "NVIDIA GeForce RTX 4080", 16},
    PciId{nvidia, 0x2705, "NVIDIA GeForce RTX 4070 Ti SUPER", 16},
    PciId{nvidia, 0x2782, "NVIDIA GeForce RTX 4070 Ti", 12},
    PciId{nvidia, 0x2783, "NVIDIA GeForce RTX 4070 SUPER", 12},
    PciId{nvidia, 0x2786, "NVIDIA GeForce RTX 4070", 12},
    PciId{nvidia, 0x27b8, "NVIDIA L4", 24},
    PciId{nvidia, 0x2803, "NVIDIA GeForce RTX 4060 Ti", 8},
    PciId{nvidia, 0x2805, "NVIDIA GeForce RTX 4060 Ti", 16},
    PciId{nvidia, 0x2882, "NVIDIA GeForce RTX 4060", 8},
    PciId{nvidia, 0x2901, "NVIDIA B200", 180},
    PciId{nvidia, 0x2b85, "NVIDIA GeForce RTX 5090", 32},
    PciId{nvidia, 0x2bb1, "NVIDIA RTX PRO 6000 Blackwell Workstation Edition", 96},
    PciId{nvidia, 0x2bb5, "NVIDIA RTX PRO 6000 Blackwell Server Edition", 96},
    PciId{nvidia, 0x2c02, "NVIDIA GeForce RTX 5080", 16},
    PciId{nvidia, 0x2c05, "NVIDIA GeForce RTX 5070 Ti", 16},
    PciId{nvidia, 0x2f04, "NVIDIA GeForce RTX 5070", 12},
    PciId{amd, 0x738c, "AMD Instinct MI100", 32},
    PciId{amd, 0x7408, "AMD Instinct MI250X", 64},
    PciId{amd, 0x740f, "AMD Instinct MI210", 64},
    PciId{amd, 0x74a1, "AMD Instinct MI300X", 192},
    PciId{amd, 0x74a5, "AMD Instinct MI325X", 256},
    PciId{amd, 0x75a0, "AMD Instinct MI350X", 288},
    PciId{amd, 0x75a3, "AMD Instinct MI355X", 288},
    PciId{amd, 0x744c, "AMD Radeon RX 7900 XTX", 24},
    PciId{amd, 0x7550, "AMD Radeon RX 9070 XT", 16},
    PciId{intel, 0x56a0, "Intel Arc A770", 16},
    PciId{intel, 0xe20b, "Intel Arc B580", 12},
};

/// The words of a device's name in small letters, without a size that stands apart: "B200 SXM 180 GB" is b200, sxm;
/// "NVIDIA A100-SXM4-80GB" is nvidia, a100, sxm4, 80gb.
std::set<std::string> words_of_name(std::string_view name)
{
    std::vector<std::string> list;
    std::string word;
    const auto is_number = [](const std::string& text) {
        return std::all_of(text.begin(), text.end(), [](unsigned char letter) { return std::isdigit(letter) != 0; });
    };
    const auto keep = [&] {
        if (word == "gb" && !list.empty() && is_number(list.back()))
            list.pop_back();
        else if (!word.empty())
            list.push_back(word);
        word.clear();
    };
    for (const char letter : name) {
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0)
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        else
            keep();
    }
    keep();
    return {list.begin(), list.end()};
}

bool has_digit(const std::string& word)
{
    return std::any_of(word.begin(), word.end(), [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

/// Sizes and forms, which say nothing of the chip.
bool is_form(const std::string& word)
{
    const bool size = word.ends_with("gb") && has_digit(word);
    return size || word.starts_with("sxm") || word == "pcie" || word.starts_with("hbm") || word.starts_with("gddr");
}

/// The words that make a chip another one.
std::set<std::string> chip_words(const std::set<std::string>& words)
{
    constexpr std::array variants = {"ti",  "super", "laptop", "ada",   "nvl", "xt",  "xtx",
                                     "gre", "pro",   "max",    "ultra", "d",   "cmp", "quadro"};
    std::set<std::string> chip;
    for (const std::string& word : words)
        if ((has_digit(word) && !is_form(word)) || contains(variants, word))
            chip.insert(word);
    return chip;
}

/// How alike the forms of two names are: SXM and PCIe boards of one chip differ.
double form_score(const std::set<std::string>& words, const Accelerator& accelerator)
{
    std::set<std::string> own =
        words_of_name(accelerator.name + " " + accelerator.short_name + " " + accelerator.form_factor);
    const auto has = [](const std::set<std::string>& list, std::string_view begin) {
        return std::any_of(list.begin(), list.end(), [&](const std::string& word) { return word.starts_with(begin); });
    };
    const bool is_sxm = has(words, "sxm") || has(words, "hbm");
    const bool is_pcie = has(words, "pcie");
    double score = 0;
    constexpr double word_in_common = 0.1; // "Server" and "Workstation" of one chip
    for (const std::string& word : words)
        score += own.contains(word) ? word_in_common : 0;
    score += is_sxm && has(own, "sxm") ? 2 : 0;
    score += is_pcie && has(own, "pcie") ? 2 : 0;
    score -= (is_sxm && has(own, "pcie")) || (is_pcie && has(own, "sxm")) ? 2 : 0;
    return score;
}

} // namespace

std::string accelerator_called(std::string_view name, std::int64_t memory_bytes)
{
    static const std::vector<Accelerator> all = Catalogue().all();
    const std::set<std::string> words = words_of_name(name);
    const std::set<std::string> chip = chip_words(words);
    if (chip.empty())
        return {};
    const Accelerator* best = nullptr;
    double best_score = 0;
    for (const Accelerator& accelerator : all) {
        const std::set<std::string> own = chip_words(words_of_name(accelerator.name));
        const std::set<std::string> other = chip_words(words_of_name(accelerator.short_name));
        if (own != chip && other != chip)
            continue;
        const double capacity = static_cast<double>(accelerator.capacity.count);
        const double off = memory_bytes > 0 ? std::abs(std::log(static_cast<double>(memory_bytes) / capacity)) : 0;
        // A size that is off by more than a tenth is another card; between equals the form decides.
        const double score = 10.0 + form_score(words, accelerator) - 100.0 * off;
        if (best == nullptr || score > best_score) {
            best = &accelerator;
            best_score = score;
        }
    }
    return best != nullptr ? best->id : std::string();
}

std::string accelerator_of_pci(std::uint32_t vendor, std::uint32_t device)
{
    constexpr double gigabyte = 1e9;
    for (const PciId& id : pci_ids)
        if (id.vendor == vendor && id.device == device)
            return accelerator_called(id.name, static_cast<std::int64_t>(id.gigabytes * gigabyte * 1.04));
    return {};
}

} // namespace weighbridge
