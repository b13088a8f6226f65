#include "core/hardware/accelerator.h"
#include "core/hardware/catalogue_json.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "resources/resources.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weighbridge {

namespace {

using Json = nlohmann::json;

using catalogue_json::flag;
using catalogue_json::number;
using catalogue_json::text;
using catalogue_json::texts;

void append_sentence(std::string& note, std::string_view sentence)
{
    if (sentence.empty())
        return;
    if (!note.empty())
        note += ' ';
    note += sentence;
}

/// NVIDIA's parts have tensor cores since compute capability 7.0.
bool has_matrix_units(const Json& entry)
{
    const std::string target = text(entry, "compute_target");
    double capability = 0;
    const auto [end, status] = std::from_chars(target.data(), target.data() + target.size(), capability);
    const bool is_capability = status == std::errc{} && end == target.data() + target.size();
    return text(entry, "vendor") != "NVIDIA" || !is_capability || capability >= 7;
}

DensePeaks peaks_of_one_device(const Json& entry, double devices)
{
    DensePeaks peaks;
    const auto found = entry.find("dense_tflops");
    if (found == entry.end() || !found->is_object())
        return peaks;
    const auto share = [&](const char* key) {
        const auto whole = number(*found, key);
        return whole ? std::optional<double>(*whole / devices) : std::nullopt;
    };
    peaks.fp32 = share("fp32");
    peaks.bf16 = share("bf16");
    peaks.fp16 = share("fp16");
    peaks.fp8 = share("fp8");
    peaks.int8 = share("int8");
    peaks.fp4 = share("fp4");
    peaks.int4 = share("int4");
    return peaks;
}

/// Driver figure first. A marketed size is read in the unit that the catalogue knows it to be in; where that is not
/// known, as decimal GB, which never promises too much.
void read_capacity(Accelerator& accelerator, const Json& entry)
{
    const double devices = accelerator.devices_per_package;
    accelerator.marketed_gb = number(entry, "memory_gb_marketed").value_or(0);
    if (const auto driver = number(entry, "driver_total_bytes")) {
        accelerator.capacity = {std::llround(*driver / devices)};
        accelerator.capacity_from_driver = true;
        if (const auto reserved = number(entry, "driver_reserved_mib"))
            accelerator.driver_reserved = Bytes{std::llround(*reserved * bytes_per_mib)};
        accelerator.capacity_is_gpu_share = flag(entry, "driver_total_is_gpu_share");
        return;
    }
    const std::string unit = text(entry, "memory_unit_of_marketed_value");
    const bool binary = unit.starts_with("GiB");
    accelerator.capacity = {std::llround(accelerator.marketed_gb * (binary ? bytes_per_gib : bytes_per_gb) / devices)};
    if (unit.empty())
        append_sentence(accelerator.note, "Whether the marketed size is in GB or GiB is not known; it is read as GB.");
}

Result<Accelerator> read_accelerator(const resources::Entry& source)
{
    const Json entry = Json::parse(source.json, nullptr, false);
    if (!entry.is_object())
        return Error{std::string(source.id), "the catalogue's entry is not a JSON object"};
    Accelerator accelerator;
    accelerator.id = source.id;
    accelerator.name = text(entry, "name");
    accelerator.vendor = text(entry, "vendor");
    accelerator.segment = text(entry, "segment");
    accelerator.compute_target = text(entry, "compute_target");
    accelerator.platform = text(entry, "platform");
    accelerator.unified_memory = flag(entry, "unified_memory");
    accelerator.scale_up_domain = static_cast<std::int64_t>(number(entry, "scale_up_domain").value_or(0));
    accelerator.devices_per_package = std::max(1, static_cast<int>(number(entry, "devices_per_package").value_or(1)));
    accelerator.matrix_units = has_matrix_units(entry);
    accelerator.bandwidth_gbs = number(entry, "memory_bandwidth_gbs").value_or(0) / accelerator.devices_per_package;
    accelerator.tflops = peaks_of_one_device(entry, accelerator.devices_per_package);
    accelerator.family = text(entry, "family");
    accelerator.form_factor = text(entry, "form_factor");
    accelerator.scale_up_gbs_bidirectional = number(entry, "scale_up_gbs_bidirectional");
    if (const auto watts = number(entry, "tdp_w"))
        accelerator.board_watts = *watts / accelerator.devices_per_package;
    accelerator.note = text(entry, "notes");
    append_sentence(accelerator.note, text(entry, "driver_note"));
    accelerator.sources = texts(entry, "sources");
    accelerator.unverified = texts(entry, "unverified_fields");
    if (accelerator.devices_per_package > 1)
        append_sentence(accelerator.note, "Figures are of one of the " +
                                              std::to_string(accelerator.devices_per_package) +
                                              " devices that the package shows up as.");
    read_capacity(accelerator, entry);
    accelerator.short_name = text(entry, "short_name") + " " +
                             grouped(std::llround(accelerator.marketed_gb / accelerator.devices_per_package)) + " GB";
    return accelerator;
}

const resources::Entry* entry_ignoring_case(std::string_view id)
{
    for (const resources::Entry& entry : resources::accelerators())
        if (equal_ignoring_case(entry.id, id))
            return &entry;
    return nullptr;
}

/// "m4_max_128" when there is an "m4_max" that is marketed with 128 GB.
Result<Accelerator> base_with_its_size(std::string_view id)
{
    const std::size_t cut = std::min(id.rfind('_'), id.size());
    const resources::Entry* base = entry_ignoring_case(id.substr(0, cut));
    if (base == nullptr || cut == id.size())
        return Error{"", ""};
    Result<Accelerator> accelerator = read_accelerator(*base);
    if (accelerator && std::to_string(std::llround(accelerator->marketed_gb)) == id.substr(cut + 1))
        return accelerator;
    return Error{"", ""};
}

} // namespace

Catalogue::Catalogue()
{
    ids_.reserve(resources::accelerators().size());
    for (const resources::Entry& entry : resources::accelerators())
        ids_.push_back(entry.id);
}

Result<Accelerator> Catalogue::find(std::string_view id) const
{
    if (const resources::Entry* entry = entry_ignoring_case(id))
        return read_accelerator(*entry);
    if (Result<Accelerator> base = base_with_its_size(id))
        return base;
    return Error{"hardware.accelerator", in_quotes(id) + " is not in the catalogue" + nearest_clause(id, ids_) +
                                             ". \"weighbridge list accelerators\" names all"};
}

std::vector<Accelerator> Catalogue::all() const
{
    std::vector<Accelerator> accelerators;
    accelerators.reserve(ids_.size());
    for (const resources::Entry& entry : resources::accelerators())
        if (Result<Accelerator> accelerator = read_accelerator(entry))
            accelerators.push_back(std::move(*accelerator));
    return accelerators;
}

} // namespace weighbridge
