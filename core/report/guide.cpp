#include "core/report/guide.h"

#include "core/hardware/catalogue_json.h"
#include "core/hardware/data_sheet.h"
#include "core/precision/gguf_mix.h"
#include "resources/resources.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace weighbridge {

namespace {

using Json = nlohmann::json;
using catalogue_json::number;
using catalogue_json::text;

/// The array in one of the bundled files; a test proves that each reads.
Json rows_of(std::string_view file)
{
    const resources::Entry* entry = resources::find(resources::precision(), file);
    Json rows = entry == nullptr ? Json::array() : Json::parse(entry->json, nullptr, false);
    return rows.is_array() ? rows : Json::array();
}

int whole(const Json& row, const char* key)
{
    return static_cast<int>(number(row, key).value_or(0));
}

template<class Value, std::size_t count>
Value named(const std::array<std::pair<std::string_view, Value>, count>& names, const std::string& name)
{
    const auto found = std::find_if(names.begin(), names.end(), [&](const auto& known) { return known.first == name; });
    return found == names.end() ? Value() : found->second;
}

ElementType element_of(const Json& row)
{
    using Kind = ElementType::Kind;
    using Specials = ElementType::Specials;
    static constexpr std::array<std::pair<std::string_view, Kind>, 4> kinds = {
        {{"float", Kind::floating}, {"integer", Kind::integer}, {"scale", Kind::scale}, {"table", Kind::table}}};
    static constexpr std::array<std::pair<std::string_view, Specials>, 3> specials = {
        {{"ieee", Specials::infinities}, {"nan_only", Specials::one_nan}, {"none", Specials::none}}};
    using Compute = std::optional<ComputeType>;
    static constexpr std::array<std::pair<std::string_view, Compute>, 7> computes = {{{"fp32", ComputeType::fp32},
                                                                                      {"bf16", ComputeType::bf16},
                                                                                      {"fp16", ComputeType::fp16},
                                                                                      {"fp8", ComputeType::fp8},
                                                                                      {"int8", ComputeType::int8},
                                                                                      {"fp4", ComputeType::fp4},
                                                                                      {"int4", ComputeType::int4}}};
    ElementType type;
    type.id = text(row, "id");
    type.name = text(row, "name");
    type.kind = named(kinds, text(row, "kind"));
    type.specials = named(specials, text(row, "specials"));
    type.sign = whole(row, "sign");
    type.exponent = whole(row, "exponent");
    type.mantissa = whole(row, "mantissa");
    type.bias = whole(row, "bias");
    type.compute = named(computes, text(row, "compute"));
    type.table_bits = whole(row, "bits");
    type.table_largest = number(row, "largest").value_or(0);
    type.table_smallest = number(row, "smallest").value_or(0);
    type.use = text(row, "use");
    type.source = text(row, "source");
    return type;
}

FormatFacts facts_of(const Json& row)
{
    FormatFacts facts;
    facts.element = text(row, "element");
    facts.group = text(row, "group");
    facts.scale = text(row, "scale");
    facts.engines = catalogue_json::texts(row, "engines");
    facts.use = text(row, "use");
    facts.source = text(row, "source");
    return facts;
}

std::map<std::string, FormatFacts, std::less<>> facts_by(std::string_view file, const char* key)
{
    std::map<std::string, FormatFacts, std::less<>> facts;
    for (const Json& row : rows_of(file))
        facts.emplace(text(row, key), facts_of(row));
    return facts;
}

/// The type of ggml that a format is made of: of a mix, that of most tensors; of a cache type, its own.
std::string ggml_type_of(const NumberFormat& format)
{
    constexpr std::string_view mix = "gguf:";
    if (format.id.starts_with(mix))
        if (const GgufMixName* found = find_gguf_mix(std::string_view(format.id).substr(mix.size())))
            return std::string(found->base);
    const StoredType* type = ggml_type(format.id);
    return type == nullptr ? std::string() : std::string(type->name);
}

} // namespace

double ElementType::largest() const
{
    switch (kind) {
    case Kind::table:
        return table_largest;
    case Kind::integer:
        return std::ldexp(1.0, mantissa) - 1;
    case Kind::floating:
    case Kind::scale:
        break;
    }
    const int most = (1 << exponent) - 1 - bias; // what all exponent bits set would mean
    if (mantissa == 0)
        return std::ldexp(1.0, specials == Specials::none ? most : most - 1);
    if (specials == Specials::infinities)
        return std::ldexp(2 - std::ldexp(1.0, -mantissa), most - 1);
    return std::ldexp(2 - std::ldexp(1.0, specials == Specials::one_nan ? 1 - mantissa : -mantissa), most);
}

double ElementType::smallest() const
{
    switch (kind) {
    case Kind::table:
        return table_smallest;
    case Kind::integer:
        return 1;
    case Kind::scale:
        return std::ldexp(1.0, -bias);
    case Kind::floating:
        break;
    }
    return std::ldexp(1.0, 1 - bias - mantissa);
}

std::string ElementType::layout() const
{
    if (kind == Kind::table)
        return std::to_string(1 << table_bits) + " values";
    if (kind == Kind::integer)
        return "sign and " + std::to_string(mantissa);
    return std::to_string(sign) + " / " + std::to_string(exponent) + " / " + std::to_string(mantissa);
}

std::vector<ElementType> element_types()
{
    std::vector<ElementType> types;
    for (const Json rows = rows_of("elements.json"); const Json& row : rows)
        types.push_back(element_of(row));
    return types;
}

std::vector<GuidedFormat> precision_guide()
{
    const auto schemes = facts_by("schemes.json", "format");
    const auto types = facts_by("ggml_types.json", "type");
    std::vector<GuidedFormat> guide;
    guide.reserve(number_formats().size());
    for (const NumberFormat& format : number_formats()) {
        GuidedFormat& row = guide.emplace_back();
        row.format = &format;
        if (const auto scheme = schemes.find(format.id); scheme != schemes.end())
            row.facts = scheme->second;
        else if (const auto type = types.find(ggml_type_of(format)); type != types.end())
            row.facts = type->second;
        if (!format.for_weights && format.for_kv_cache)
            row.facts.engines = {"llama.cpp"}; // the cache types of ggml are its alone
    }
    return guide;
}

std::vector<std::string> generations_with(ComputeType type)
{
    std::vector<std::string> generations;
    for (const DataSheet& sheet : data_sheets()) {
        const Accelerator& accelerator = sheet.accelerator;
        const auto rate = peak_rate(accelerator, type);
        const bool native = rate && rate->type == type && accelerator.matrix_units;
        std::string generation = sheet.generation();
        if (native && std::find(generations.begin(), generations.end(), generation) == generations.end())
            generations.push_back(std::move(generation));
    }
    return generations;
}

} // namespace weighbridge
