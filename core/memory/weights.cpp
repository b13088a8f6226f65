#include "core/memory/weights.h"

#include "core/memory/part_names.h"
#include "core/precision/rule_difference.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace weighbridge {

namespace {

/// Tensors that share bytes per element and divisor: what one factor pair of a formula stands for.
struct Group
{
    double bytes = 2;
    std::int64_t divisor = 1;
    bool replicated = false;
    bool taken = true;      ///< stored in the chosen format, not left in 16 bits
    bool kv_copies = false; ///< key/value heads held in copies
    std::string_view type;  ///< of formats that decide tensor by tensor; else empty
    double elements = 0;
    std::vector<const Tensor*> tensors;
};

/// What a format that decides tensor by tensor stores alike, with one divisor. Widths that differ by a scale here and
/// there are averaged.
std::vector<Group> grouped_by_type(const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    std::vector<Group> groups;
    for (const Tensor* tensor : tensors) {
        for (const StoredShare& share : inputs.weights.column->rows().at(tensor->row)) {
            const std::int64_t divisor = inputs.sharding.divisor(*tensor, inputs.tensor_parallel);
            const bool kv_copies = tensor->sharding == Sharding::kv_heads && divisor < inputs.tensor_parallel;
            const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
                return other.type == share.type && other.divisor == divisor && other.kv_copies == kv_copies;
            });
            if (share.elements <= 0)
                continue;
            Group& home = same == groups.end() ? groups.emplace_back() : *same;
            const double bytes = home.elements * home.bytes + share.elements * share.bits / 8;
            home.type = share.type;
            home.divisor = divisor;
            home.kv_copies = kv_copies;
            home.replicated = divisor == 1 && inputs.tensor_parallel > 1 && !kv_copies;
            home.elements += share.elements;
            home.bytes = bytes / home.elements;
        }
    }
    return groups;
}

std::vector<Group> grouped(const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    if (inputs.weights.column)
        return grouped_by_type(inputs, tensors);
    std::vector<Group> groups;
    for (const Tensor* tensor : tensors) {
        Group group;
        group.bytes = bytes_per_element(inputs.weights, *tensor);
        group.divisor = inputs.sharding.divisor(*tensor, inputs.tensor_parallel);
        group.taken = takes(inputs.weights, *tensor);
        group.kv_copies = tensor->sharding == Sharding::kv_heads && group.divisor < inputs.tensor_parallel;
        group.replicated = group.divisor == 1 && inputs.tensor_parallel > 1 && !group.kv_copies;
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
            return other.bytes == group.bytes && other.divisor == group.divisor && other.taken == group.taken &&
                   other.kv_copies == group.kv_copies;
        });
        Group& home = same == groups.end() ? groups.emplace_back(group) : *same;
        home.elements += static_cast<double>(tensor->elements());
        home.tensors.push_back(tensor);
    }
    return groups;
}

template<class Number>
Number bytes_symbol(const Group& group)
{
    if (!group.type.empty())
        return named<Number>("B_" + std::string(group.type), group.bytes);
    return named<Number>(group.taken ? "B_w" : "B_16", group.bytes);
}

/// Divides by the group's divisor, in the words that say why it is what it is.
template<class Number>
Number per_rank(Number whole, const Group& group, const InferenceInputs& inputs)
{
    if (group.divisor == 1)
        return whole;
    if (group.kv_copies)
        return whole / named<Number>("k", static_cast<double>(group.divisor));
    return whole /
           named<Number>(group.divisor == inputs.tensor_parallel ? "tp" : "n", static_cast<double>(group.divisor));
}

std::string parameter_symbol(const Group& group, std::size_t groups)
{
    if (groups == 1)
        return "P";
    std::string symbol = !group.type.empty() ? "P_" + std::string(group.type) : group.taken ? "P_w" : "P_16";
    if (group.replicated)
        symbol += ",all";
    else if (group.kv_copies)
        symbol += ",kv";
    return symbol;
}

template<class Number>
Number sum_of_groups(const InferenceInputs& inputs, const std::vector<Group>& groups)
{
    std::optional<Number> sum;
    for (const Group& group : groups) {
        const Number part = per_rank<Number>(named<Number>(parameter_symbol(group, groups.size()), group.elements) *
                                                 bytes_symbol<Number>(group),
                                             group, inputs);
        sum = sum ? *sum + part : part;
    }
    return sum.value_or(constant<Number>(0));
}

/// One shape as people write it, smaller symbol first, so that h × a·d and a·d × h are the same: with how often it
/// occurs.
struct Shape
{
    Extent first;
    Extent second;
    Extent copies;
    double times = 0;
};

std::vector<Shape> shapes_of(const std::vector<const Tensor*>& tensors)
{
    std::vector<Shape> shapes;
    for (const Tensor* tensor : tensors) {
        Extent first = tensor->columns.symbol.empty() ? tensor->rows : tensor->columns;
        Extent second = tensor->columns.symbol.empty() ? Extent{} : tensor->rows;
        if (!second.symbol.empty() && second.symbol == "h")
            std::swap(first, second);
        const auto same = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& shape) {
            return shape.first == first && shape.second == second && shape.copies == tensor->copies;
        });
        Shape& shape = same == shapes.end() ? shapes.emplace_back(Shape{first, second, tensor->copies, 0}) : *same;
        shape.times += 1;
    }
    return shapes;
}

template<class Number>
Number elements_of(const Shape& shape)
{
    Number product = named<Number>(shape.first.symbol, static_cast<double>(shape.first.value));
    if (!shape.second.symbol.empty())
        product = product * named<Number>(shape.second.symbol, static_cast<double>(shape.second.value));
    if (!shape.copies.symbol.empty())
        product = named<Number>(shape.copies.symbol, static_cast<double>(shape.copies.value)) * product;
    return shape.times == 1 ? product : constant<Number>(shape.times) * product;
}

/// L · (2 · h · a·d + 2 · h · k·d) · B_w / tp, for tensors of equal depth, width in bytes and divisor.
template<class Number>
Number bytes_of_alike(const InferenceInputs& inputs, const Group& group)
{
    std::optional<Number> sum;
    for (const Shape& shape : shapes_of(group.tensors)) {
        const Number elements = elements_of<Number>(shape);
        sum = sum ? *sum + elements : elements;
    }
    Number product = *sum;
    const Tensor& first = *group.tensors.front();
    if (!first.layers_symbol.empty())
        product = named<Number>(first.layers_symbol, static_cast<double>(first.layers)) * product;
    return per_rank<Number>(product * bytes_symbol<Number>(group), group, inputs);
}

template<class Number>
Number bytes_of_part(const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    if (inputs.weights.column)
        return sum_of_groups<Number>(inputs, grouped(inputs, tensors));
    std::vector<std::vector<const Tensor*>> depths;
    for (const Tensor* tensor : tensors) {
        const auto same = std::find_if(depths.begin(), depths.end(), [&](const auto& depth) {
            return depth.front()->layers_symbol == tensor->layers_symbol && depth.front()->layers == tensor->layers;
        });
        (same == depths.end() ? depths.emplace_back() : *same).push_back(tensor);
    }
    std::optional<Number> sum;
    for (const auto& depth : depths) {
        for (const Group& group : grouped(inputs, depth)) {
            const Number part = bytes_of_alike<Number>(inputs, group);
            sum = sum ? *sum + part : part;
        }
    }
    return sum.value_or(constant<Number>(0));
}

std::vector<const Tensor*> tensors_of(const Model& model, std::optional<Part> part)
{
    std::vector<const Tensor*> tensors;
    for (const Tensor& tensor : model.tensors)
        if (!part || tensor.part == *part)
            tensors.push_back(&tensor);
    return tensors;
}

constexpr std::string_view typed_source = "parameter count typed in";
constexpr std::string_view file_source = "exact (file)";
constexpr std::string_view contradicted_source = "file that does not match its config";
constexpr std::string_view by_rule_source = "derived (rule)";
constexpr std::string_view inventory_source = "sum over the tensors of the transformers modeling file of this family";

/// What a format that decides tensor by tensor makes of tensors, other than the one that was chosen.
double column_bytes(const WeightColumn& column, const InferenceInputs& inputs,
                    const std::vector<const Tensor*>& tensors)
{
    double bytes = 0;
    for (const Tensor* tensor : tensors)
        bytes += static_cast<double>(tensor->elements()) * column.bits(*tensor) / 8 /
                 static_cast<double>(inputs.sharding.divisor(*tensor, inputs.tensor_parallel));
    return bytes;
}

/// Bytes on one GPU that files lack and the rule adds.
double missing_bytes(const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    double bytes = 0;
    for (const Tensor* tensor : tensors)
        for (const StoredShare& share : inputs.weights.column->rows().at(tensor->row))
            if (share.type == missing_type)
                bytes += share.elements * share.bits / 8 /
                         static_cast<double>(inputs.sharding.divisor(*tensor, inputs.tensor_parallel));
    return bytes;
}

/// Whether files and config disagree about one of the tensors' parts.
bool is_contradicted(const StoredMismatch& mismatch, const std::vector<const Tensor*>& tensors)
{
    return mismatch.any() && std::any_of(tensors.begin(), tensors.end(), [&](const Tensor* tensor) {
               return std::find(mismatch.parts.begin(), mismatch.parts.end(), tensor->part) != mismatch.parts.end();
           });
}

/// Files that don't match their config are exact about nothing: what they lack is the rule's.
void set_contradicted_basis(Term& term, const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    const auto missing = std::llround(missing_bytes(inputs, tensors));
    term.source = std::string(contradicted_source) + ": " + inputs.weights.label;
    if (missing <= 0)
        return;
    term.source += "; " + in_fitting_unit({missing}, ByteUnit::gib) + " of it is missing there and derived (rule)";
    term.low.count = term.bytes.count - missing / 100;
    term.high.count = term.bytes.count + missing / 100;
}

/// Where the weights come from: exact sizes in a file, or a rule. Where a file has a rule as well, how far they are
/// apart.
void set_column_basis(Term& term, const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    term.basis = Basis::derived;
    const auto& published = inputs.model->published;
    const bool from_file = published && published->stored && inputs.weights.column == published->stored->rows;
    if (!from_file) {
        term.source = std::string(by_rule_source) + ": " + inputs.weights.label + ", tensor by tensor";
        // A file holds a few tables that no rule knows, and layouts differ between versions of the tools.
        term.low.count = term.bytes.count - term.bytes.count / 100;
        term.high.count = term.bytes.count + term.bytes.count / 100;
        return;
    }
    if (is_contradicted(published->stored->mismatch, tensors))
        return set_contradicted_basis(term, inputs, tensors);
    term.basis = inputs.tensor_parallel == 1 ? Basis::exact : Basis::derived;
    term.source = std::string(file_source) + ": " + inputs.weights.label;
    if (inputs.tensor_parallel > 1)
        term.source += ", divided by rule";
    if (!published->rule)
        return;
    const Bytes by_rule{std::llround(column_bytes(*published->rule, inputs, tensors))};
    term.source += "; " + compared_with_rule(term.bytes, by_rule);
}

/// A quantized checkpoint may take more tensors than the scheme usually does (embeddings, head) and pads a little: the
/// range runs from everything in the chosen format to 1 % above the usual choice.
void set_weight_range(Term& term, const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    term.source = inventory_source;
    if (inputs.weights.column)
        return set_column_basis(term, inputs, tensors);
    if (inputs.weights.takes_all_tensors)
        return;
    double everything = 0;
    for (const Tensor* tensor : tensors)
        everything += static_cast<double>(tensor->elements()) * std::min(2.0, inputs.weights.bits / 8) /
                      static_cast<double>(inputs.sharding.divisor(*tensor, inputs.tensor_parallel));
    term.basis = Basis::derived;
    term.low.count = std::min(term.bytes.count, static_cast<std::int64_t>(everything));
    term.high.count = term.bytes.count + term.bytes.count / 100;
}

template<class Number>
Number typed_weights(const InferenceInputs& inputs)
{
    Number bytes =
        named<Number>("P", static_cast<double>(*inputs.parameters)) * named<Number>("B_w", inputs.weights.bits / 8);
    if (inputs.tensor_parallel == 1)
        return bytes;
    return bytes / named<Number>("tp", static_cast<double>(inputs.tensor_parallel));
}

} // namespace

double weight_bytes(const InferenceInputs& inputs)
{
    if (inputs.parameters)
        return typed_weights<double>(inputs);
    double sum = 0;
    for (const Tensor& tensor : inputs.model->tensors)
        sum += tensor_bytes(inputs, tensor);
    return sum;
}

double tensor_bytes(const InferenceInputs& inputs, const Tensor& tensor)
{
    return static_cast<double>(tensor.elements()) * bytes_per_element(inputs.weights, tensor) /
           static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
}

double widened_bytes(const InferenceInputs& inputs, const Tensor& tensor, double bytes)
{
    return static_cast<double>(tensor.elements()) * std::max(0.0, bytes - bytes_per_element(inputs.weights, tensor)) /
           static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
}

Term weights_term(const InferenceInputs& inputs)
{
    if (inputs.parameters) {
        Term term = make_term("weights", "Weights", typed_weights<Traced>(inputs),
                              inputs.weights.nominal ? Basis::exact : Basis::derived);
        term.source = typed_source;
        return term;
    }
    const auto all = tensors_of(*inputs.model, std::nullopt);
    Term term = make_term("weights", "Weights", sum_of_groups<Traced>(inputs, grouped(inputs, all)));
    set_weight_range(term, inputs, all);
    for (const PartName& part : part_names) {
        const auto tensors = tensors_of(*inputs.model, part.part);
        if (tensors.empty())
            continue;
        Term child = make_term(part.id, part.label, bytes_of_part<Traced>(inputs, tensors));
        set_weight_range(child, inputs, tensors);
        term.children.push_back(std::move(child));
    }
    return term;
}

namespace {

bool is_of_file(const Term& term)
{
    return term.basis == Basis::exact && term.source.starts_with(file_source);
}
bool is_typed(const Term& term)
{
    return term.source == typed_source;
}

} // namespace

void assume_shape(std::vector<Term>& terms)
{
    for (Term& term : terms) {
        if (!is_of_file(term) && !is_typed(term))
            term.basis = Basis::assumed;
        assume_shape(term.children);
    }
}

std::string basis_label(const Term& term)
{
    if (is_of_file(term))
        return std::string(file_source);
    if (term.basis == Basis::derived && term.source.starts_with(by_rule_source))
        return std::string(by_rule_source);
    return std::string(basis_name(term.basis));
}

} // namespace weighbridge
