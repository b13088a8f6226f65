#include "core/report/precision_tables.h"

#include "core/engines/engine.h"
#include "core/quantity/display.h"
#include "core/quantity/formula.h"
#include "core/quantity/text.h"
#include "core/report/guide.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>

namespace weighbridge {

namespace {

Cell words(const std::string& text, std::string remark = {})
{
    return text.empty() ? empty_cell(std::move(remark)) : text_cell(text, std::move(remark));
}

/// "448", "65,504", "3.403e+38": whole numbers in full, others with four digits.
Cell value_cell(double value)
{
    if (value < 1e6 && value == std::floor(value))
        return number_cell(value, decimal_text(value, 0));
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return number_cell(value, text.data());
}

/// Looked up once per table: the catalogue is read for it.
class Generations
{
public:
    const std::string& of(ComputeType type)
    {
        const auto [place, is_new] = known_.try_emplace(type);
        if (is_new)
            place->second = joined(generations_with(type));
        return place->second;
    }

private:
    std::map<ComputeType, std::string> known_;
};

/// Tables of names.
std::map<std::string, ElementType, std::less<>> elements_by_id()
{
    std::map<std::string, ElementType, std::less<>> elements;
    for (ElementType& element : element_types()) {
        std::string id = element.id;
        elements.emplace(std::move(id), std::move(element));
    }
    return elements;
}

Cell bits_cell(const NumberFormat& format)
{
    if (format.id == checkpoint_format)
        return empty_cell("the model's to say");
    const double decimals = format.by_tensor ? 1e2 : 1e6;
    std::string text = formula_number(std::round(format.bits * decimals) / decimals);
    std::string remark;
    if (format.bits_per_row > 0) {
        text += " + " + formula_number(format.bits_per_row) + "/n";
        remark =
            "n: the columns of the matrix; each row has a scale of " + formula_number(format.bits_per_row) + " bits";
    } else if (format.by_tensor) {
        text = "~" + text;
        remark = "of a whole file of Llama-3.1-8B (MXFP4_MOE: gpt-oss-20b); other networks differ by a few percent";
    }
    return {std::move(text), format.bits, std::move(remark)};
}

std::string taken_by(const NumberFormat& format)
{
    if (!format.for_weights)
        return "KV cache";
    std::string taken = format.id == checkpoint_format ? "as in the checkpoint"
                        : format.by_tensor             ? "tensor by tensor"
                        : format.takes_all_tensors     ? "every tensor"
                        : format.experts_only          ? "routed experts"
                                                       : "matrices of attention and FFN";
    if (format.for_kv_cache)
        taken += ", KV cache";
    return taken;
}

std::string engines_of(const FormatFacts& facts)
{
    std::vector<std::string> names;
    names.reserve(facts.engines.size());
    for (const std::string& id : facts.engines)
        if (const Engine* engine = find_engine(id))
            names.emplace_back(engine->name);
    return joined(names);
}

} // namespace

Table number_formats_table()
{
    Table table;
    table.id = "number_formats";
    table.title = "Number formats";
    table.note = "Layout is sign, exponent and mantissa in bits. Computed by: generations of accelerators with a peak "
                 "of that type in the catalogue; what has none is widened to 16 bits";
    table.columns = {{"name", "Format"},
                     {"bits", "Bits", ColumnKind::number},
                     {"layout", "Layout"},
                     {"largest", "Largest", ColumnKind::number},
                     {"smallest", "Smallest > 0", ColumnKind::number},
                     {"computed_by", "Computed by"},
                     {"use", "Use"},
                     {"source", "Source"}};
    Generations generations;
    for (const ElementType& element : element_types())
        table.rows.push_back(
            {{text_cell(element.name), count_cell(element.bits(), std::to_string(element.bits())),
              text_cell(element.layout()), value_cell(element.largest()), value_cell(element.smallest()),
              words(element.compute ? generations.of(*element.compute) : std::string()), text_cell(element.use),
              text_cell(element.source)}});
    return table;
}

Table quantization_table()
{
    Table table;
    table.id = "quantization";
    table.title = "Quantization schemes";
    table.note = "Bits per weight of the tensors that a scheme takes, with the scales and zero points of its groups; "
                 "all others stay in 16 bits. Engines after docs.vllm.ai, docs.sglang.io, the documentation of "
                 "transformers and the source of llama.cpp; support differs by version and GPU";
    table.columns = {{"name", "Scheme"},        {"bits_per_weight", "Bits per weight", ColumnKind::number},
                     {"element", "Element"},    {"group", "Group"},
                     {"scale", "Scale"},        {"takes", "Takes"},
                     {"arithmetic", "Runs in"}, {"native_on", "Tensor cores"},
                     {"engines", "Engines"},    {"use", "Use"},
                     {"format", "Id"},          {"bits_source", "Source of the bits"},
                     {"source", "Source"}};
    const auto elements = elements_by_id();
    Generations generations;
    for (const GuidedFormat& row : precision_guide()) {
        const NumberFormat& format = *row.format;
        const auto element = elements.find(row.facts.element);
        table.rows.push_back(
            {{text_cell(format.label), bits_cell(format),
              words(element == elements.end() ? row.facts.element : element->second.name), words(row.facts.group),
              words(row.facts.scale), text_cell(taken_by(format)),
              text_cell(std::string(compute_type_name(format.compute))), words(generations.of(format.compute)),
              words(engines_of(row.facts)), words(row.facts.use), text_cell(format.id),
              text_cell(std::string(format.source)), words(row.facts.source)}});
    }
    return table;
}

} // namespace weighbridge
