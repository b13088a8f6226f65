#include "core/sources/stored_weights.h"

#include "core/quantity/display.h"
#include "core/sources/tensor_names.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace weighbridge {

namespace {

/// "U8", "I32": words that a quantized matrix is packed into.
bool is_packed(std::string_view type)
{
    return type == "BOOL" ||
           (type.size() >= 2 && (type[0] == 'I' || type[0] == 'U') && type[1] >= '0' && type[1] <= '9');
}

/// Bytes and elements of one row, one layer of it or a part, by type.
struct Sum
{
    std::map<std::string_view, std::pair<double, double>> by_type; ///< elements, bytes
    double elements = 0;
    double bytes = 0;
    double weights = 0;  ///< elements but for those of scales and the like
    bool packed = false; ///< some of the weights are words with several in each
    std::set<std::int64_t> layers = {};

    void add(const StoredTensor& tensor, const TensorPlace& place)
    {
        auto& [type_elements, type_bytes] = by_type[tensor.type->name];
        const auto count = static_cast<double>(tensor.elements);
        type_elements += count;
        type_bytes += static_cast<double>(tensor.bytes);
        elements += count;
        bytes += static_cast<double>(tensor.bytes);
        if (place.beside)
            return;
        weights += count;
        packed = packed || is_packed(tensor.type->name);
        layers.insert(place.layer);
    }
};

/// Which row of the inventory a tensor is.
class RowFinder
{
public:
    explicit RowFinder(const Model& model)
    {
        std::int64_t layer = 0;
        for (const LayerRun& run : model.architecture.runs)
            for (std::int64_t i = 0; i < run.count; ++i, ++layer)
                kind_of_layer_.push_back(run.kind);
        for (const Tensor& tensor : model.tensors)
            rows_[tensor.kind].emplace(tensor.name, tensor.row);
    }

    /// Tensor::no_index where it is none.
    std::size_t find(const TensorPlace& place) const
    {
        const bool outside = place.layer < 0;
        const auto kind =
            rows_.find(outside ? Tensor::no_index : kind_of_layer_[static_cast<std::size_t>(place.layer)]);
        if (kind == rows_.end())
            return Tensor::no_index;
        const auto row = kind->second.find(place.name);
        return row == kind->second.end() ? Tensor::no_index : row->second;
    }

private:
    std::vector<std::size_t> kind_of_layer_;
    std::map<std::size_t, std::unordered_map<std::string, std::size_t>> rows_;
};

/// What of a part's weights no row has been found for, and the other way round; in elements of the network.
struct PartBalance
{
    double lacking = 0;  ///< of its rows
    double nameless = 0; ///< held by tensors that are no row's
    double beyond = 0;   ///< held by tensors of rows, more than these have

    double open() const { return std::max(0.0, lacking - nameless); }
    double unused() const { return std::max(0.0, nameless - lacking); }
};

class Collector
{
public:
    /// Without a rule the files are right about everything.
    Collector(const Model& model, const WeightColumn* rule)
        : model_(model), rule_(rule), finder_(model), rows_(model.tensors.size()), layers_(model.tensors.size())
    {
    }

    void add(const StoredTensor& tensor, StoredWeights& stored)
    {
        TensorPlace place = place_of_tensor(tensor.name);
        if (is_left_out(place, model_.architecture)) {
            stored.left_out_bytes += tensor.bytes;
            return;
        }
        const std::size_t row = finder_.find(place);
        const Part part = row != Tensor::no_index ? model_.tensors[row].part : part_of_tensor(tensor.name);
        if (row != Tensor::no_index) {
            rows_[row].add(tensor, place);
            layers_[row][place.layer].add(tensor, place);
        } else if (!has(part)) {
            stored.left_out_bytes += tensor.bytes;
            foreign_bytes_ += tensor.bytes;
            return;
        } else {
            place.beside = place.beside || (model_.published && is_beside_a_matrix(tensor.name));
            spread_[part].add(tensor, place);
        }
        count(tensor, part, stored);
    }

    std::int64_t foreign_bytes() const { return foreign_bytes_; }

    /// After the last tensor.
    StoredMismatch compare()
    {
        StoredMismatch mismatch;
        if (rule_ == nullptr)
            return mismatch;
        std::map<Part, PartBalance> balances;
        double wanted = 0, open = 0, unused = 0, beyond = 0;
        bool packed = false;
        for (const Tensor& tensor : model_.tensors) {
            PartBalance& balance = balances[tensor.part];
            balance.lacking += lacking(tensor);
            balance.beyond += std::max(0.0, held(tensor) - elements_of(tensor));
            wanted += elements_of(tensor);
            packed = packed || rows_[tensor.row].packed;
        }
        for (auto& [part, balance] : balances) {
            balance.nameless = nameless(part);
            open += balance.open();
            unused += balance.unused();
            beyond += balance.beyond;
            packed = packed || (spread_.contains(part) && spread_.at(part).packed);
        }
        // A nameless tensor may be put into another part than its row is of.
        double missing = std::max(0.0, open - unused);
        double surplus = beyond + std::max(0.0, unused - open);
        // Of packed matrices the elements are worked out from bytes, which a mixed scheme makes a little uncertain.
        const double uncertain = packed ? wanted / 100 : 0.5;
        missing = missing > uncertain ? missing : 0;
        surplus = surplus > uncertain ? surplus : 0;
        missing_of_open_ = open > 0 ? missing / open : 0;
        for (const auto& [part, balance] : balances) {
            filled_[part] = balance.lacking > 0 ? std::min(1.0, balance.nameless / balance.lacking) : 1;
            const bool lacks = missing > 0 && balance.open() > 0;
            const bool has_more = surplus > 0 && (balance.beyond > 0 || (unused > open && balance.unused() > 0));
            if (lacks || has_more)
                mismatch.parts.push_back(part);
        }
        mismatch.wanted = std::llround(wanted);
        mismatch.missing = std::llround(missing);
        mismatch.surplus = std::llround(surplus);
        double bits = 0;
        for (const Tensor& tensor : model_.tensors)
            bits += missing_of(tensor) * rule_->bits(tensor);
        mismatch.missing_bytes = std::llround(bits / 8);
        return mismatch;
    }

    /// The rows that lack most, in words: "self_attn.q_proj.weight in 2 of 2 layers"; after compare().
    std::string missing_rows() const
    {
        std::vector<const Tensor*> rows;
        for (const Tensor& tensor : model_.tensors)
            if (missing_of(tensor) > 0.5)
                rows.push_back(&tensor);
        std::stable_sort(rows.begin(), rows.end(),
                         [&](const Tensor* a, const Tensor* b) { return missing_of(*a) > missing_of(*b); });
        return listed(rows, [&](const Tensor& row) {
            const auto found = static_cast<std::int64_t>(rows_[row.row].layers.size());
            const bool outside = row.kind == Tensor::no_index;
            if (found >= row.layers)
                return row.name + ": " + grouped(std::llround(held(row))) + " in place of " + grouped(row.elements());
            return outside ? row.name
                           : row.name + " in " + grouped(row.layers - found) + " of " + grouped(row.layers) +
                                 (row.layers == 1 ? " layer" : " layers");
        });
    }

    /// The rows that hold more than they have, and by how much.
    std::string rows_with_more() const
    {
        std::vector<const Tensor*> rows;
        for (const Tensor& tensor : model_.tensors)
            if (held(tensor) > elements_of(tensor))
                rows.push_back(&tensor);
        return listed(rows, [&](const Tensor& row) {
            return row.name + ": " + grouped(std::llround(held(row))) + " in place of " + grouped(row.elements());
        });
    }

    std::shared_ptr<const WeightColumn> column() const
    {
        std::vector<StoredRow> rows;
        rows.reserve(model_.tensors.size());
        for (const Tensor& tensor : model_.tensors)
            rows.push_back({shares(tensor), layers_of(tensor)});
        return std::make_shared<const WeightColumn>(model_.tensors, std::move(rows));
    }

private:
    bool has(Part part) const
    {
        return std::any_of(model_.tensors.begin(), model_.tensors.end(),
                           [&](const Tensor& tensor) { return tensor.part == part; });
    }

    static double elements_of(const Tensor& tensor) { return static_cast<double>(tensor.elements()); }

    template<class Words>
    static std::string listed(const std::vector<const Tensor*>& rows, const Words& words)
    {
        constexpr std::size_t most = 3;
        std::string text;
        for (std::size_t i = 0; i < std::min(rows.size(), most); ++i)
            text += (i == 0 ? "" : ", ") + words(*rows[i]);
        return rows.size() <= most ? text : text + " and " + std::to_string(rows.size() - most) + " more";
    }

    /// Weights of a row that its tensors hold. Of packed ones only the bytes tell.
    double held(const Tensor& tensor) const
    {
        constexpr double alike = 0.1;
        const Sum& sum = rows_[tensor.row];
        const double wanted = elements_of(tensor);
        if (!sum.packed || sum.weights == wanted)
            return sum.weights;
        const double by_bytes = sum.bytes * 8 / rule_->bits(tensor);
        if (std::abs(by_bytes - wanted) > alike * wanted)
            return by_bytes;
        const auto layers = static_cast<double>(sum.layers.size());
        return layers < static_cast<double>(tensor.layers) ? wanted * layers / static_cast<double>(tensor.layers)
                                                           : wanted;
    }

    double lacking(const Tensor& tensor) const { return std::max(0.0, elements_of(tensor) - held(tensor)); }

    /// Weights of a part's tensors that are no row's.
    double nameless(Part part) const
    {
        const auto found = spread_.find(part);
        if (found == spread_.end())
            return 0;
        if (!found->second.packed)
            return found->second.weights;
        double elements = 0, bits = 0;
        for (const Tensor& tensor : model_.tensors)
            if (tensor.part == part && lacking(tensor) > 0) {
                elements += lacking(tensor);
                bits += lacking(tensor) * rule_->bits(tensor);
            }
        return bits > 0 ? found->second.bytes * 8 * elements / bits : found->second.weights;
    }

    /// Weights of a row that the files lack.
    double missing_of(const Tensor& tensor) const
    {
        const auto filled = filled_.find(tensor.part);
        return filled == filled_.end() ? 0 : lacking(tensor) * (1 - filled->second) * missing_of_open_;
    }

    static void count(const StoredTensor& tensor, Part part, StoredWeights& stored)
    {
        const auto same = std::find_if(stored.parts.begin(), stored.parts.end(), [&](const StoredPart& other) {
            return other.part == part && other.type == tensor.type->name;
        });
        StoredPart& home = same == stored.parts.end()
                               ? stored.parts.emplace_back(StoredPart{.part = part, .type = tensor.type->name})
                               : *same;
        ++home.tensors;
        home.elements += tensor.elements;
        home.bytes += tensor.bytes;
        stored.bytes += tensor.bytes;
    }

    /// Elements of a part's rows that no tensor has been found for.
    double not_found(Part part) const
    {
        double elements = 0;
        for (const Tensor& tensor : model_.tensors)
            if (tensor.part == part && rows_[tensor.row].bytes == 0)
                elements += elements_of(tensor);
        return elements;
    }

    /// What of a part's nameless bytes falls on a row: on those that nothing was found for, if there are any.
    double spread(const Tensor& tensor) const
    {
        const auto found = spread_.find(tensor.part);
        if (found == spread_.end())
            return 0;
        const double lacked = not_found(tensor.part);
        if (lacked > 0)
            return rows_[tensor.row].bytes == 0 ? found->second.bytes * elements_of(tensor) / lacked : 0;
        // A table beside the rows, such as RoPE's frequencies: one row, the smallest, has it, so that the others are
        // still of the types that they are of.
        return tensor.row == smallest_row(tensor.part) ? found->second.bytes : 0;
    }

    std::size_t smallest_row(Part part) const
    {
        const Tensor* smallest = nullptr;
        for (const Tensor& tensor : model_.tensors)
            if (tensor.part == part && (smallest == nullptr || tensor.elements() < smallest->elements()))
                smallest = &tensor;
        return smallest == nullptr ? Tensor::no_index : smallest->row;
    }

    /// By type where the file holds as many elements as the row has, else averaged.
    static WeightColumn::Shares shares(const Sum& sum, double elements, double more)
    {
        if (more != 0 || sum.elements != elements)
            return {{"file", elements, elements > 0 ? (sum.bytes + more) * 8 / elements : 0}};
        WeightColumn::Shares by_type;
        for (const auto& [type, amounts] : sum.by_type)
            by_type.push_back({type, amounts.first, amounts.second * 8 / amounts.first});
        return by_type;
    }

    WeightColumn::Shares shares(const Tensor& tensor) const
    {
        const Sum& sum = rows_[tensor.row];
        const double elements = elements_of(tensor);
        const double more = spread(tensor);
        if (const double missing = missing_of(tensor); missing > 0)
            return shares_with_missing(tensor, missing, sum.bytes + more);
        // Rows without a name of their own, all in the one type that their part's nameless tensors have.
        if (const auto found = spread_.find(tensor.part); sum.bytes == 0 && found != spread_.end())
            if (found->second.by_type.size() == 1 && found->second.elements == not_found(tensor.part))
                return {{found->second.by_type.begin()->first, elements, more * 8 / elements}};
        return shares(sum, elements, more);
    }

    /// Nothing where some layers have no tensor of this name, or not all of it: then all are taken to be alike.
    std::vector<StoredLayers> layers_of(const Tensor& tensor) const
    {
        std::vector<StoredLayers> layers;
        const auto& found = layers_[tensor.row];
        if (tensor.kind == Tensor::no_index || found.size() != static_cast<std::size_t>(tensor.layers) ||
            missing_of(tensor) > 0)
            return layers;
        const double more = spread(tensor) / static_cast<double>(tensor.layers);
        for (const auto& [layer, sum] : found)
            append_layer(layers, shares(sum, static_cast<double>(tensor.elements_per_layer()), more));
        return layers;
    }

    WeightColumn::Shares shares_with_missing(const Tensor& tensor, double missing, double bytes) const
    {
        const double there = elements_of(tensor) - missing;
        const double bits = rule_->bits(tensor);
        if (there < 1) // what little was found beside nothing is counted with it
            return {{missing_type, missing, bits + bytes * 8 / missing}};
        return {{"file", there, bytes * 8 / there}, {missing_type, missing, bits}};
    }

    const Model& model_;
    const WeightColumn* rule_;
    RowFinder finder_;
    std::vector<Sum> rows_;
    std::vector<std::map<std::int64_t, Sum>> layers_; ///< of each row, by their place in the network
    std::map<Part, Sum> spread_;
    std::map<Part, double> filled_; ///< what of a part's lacking rows its nameless tensors are
    double missing_of_open_ = 0;    ///< what of the rest is in no other part either
    std::int64_t foreign_bytes_ = 0;
};

/// How far files and config are apart, in words.
Issue mismatch_issue(const StoredMismatch& mismatch, const Collector& collector)
{
    std::string text =
        "The weights files don't match config.json, whose network has " + grouped(mismatch.wanted) + " elements: ";
    if (mismatch.missing > 0)
        text += "the files lack " + grouped(mismatch.missing) + " of them (" + collector.missing_rows() + ")";
    if (mismatch.surplus > 0) {
        const std::string rows = collector.rows_with_more();
        text += std::string(mismatch.missing > 0 ? " and" : "the files") + " hold " + grouped(mismatch.surplus) +
                " that it has no place for" + (rows.empty() ? std::string() : " (" + rows + ")");
    }
    text += ". It may be a partial download, a cut index, or another model's config.json.";
    if (mismatch.missing > 0)
        text += " What is missing is counted from config.json, " +
                in_fitting_unit({mismatch.missing_bytes}, ByteUnit::gib) + ".";
    return {"weights", Severity::warning, text};
}

StoredWeights collect(const std::vector<TensorFile>& files, const Model& model, const WeightColumn* rule,
                      std::vector<Issue>& issues)
{
    StoredWeights stored;
    Collector collector(model, rule);
    for (const TensorFile& file : files) {
        StoredFile& row = stored.files.emplace_back(StoredFile{.name = file.name});
        for (const StoredTensor& tensor : file.tensors) {
            ++row.tensors;
            row.bytes += tensor.bytes;
            collector.add(tensor, stored);
        }
    }
    stored.mismatch = collector.compare();
    stored.rows = collector.column();
    if (stored.mismatch.any())
        issues.push_back(mismatch_issue(stored.mismatch, collector));
    if (collector.foreign_bytes() > 0)
        issues.push_back(
            {"weights", Severity::warning,
             "The files hold " + in_fitting_unit({collector.foreign_bytes()}, ByteUnit::gib) +
                 " of parts that the architecture read from the config does not have; they are left out."});
    return stored;
}

} // namespace

StoredWeights stored_weights(const std::vector<TensorFile>& files, const Model& model, std::vector<Issue>& issues)
{
    return collect(files, model, nullptr, issues);
}

StoredWeights stored_weights(const std::vector<TensorFile>& files, const Model& model, const WeightColumn& rule,
                             std::vector<Issue>& issues)
{
    return collect(files, model, &rule, issues);
}

ModelPointer with_stored_weights(const Model& model, StoredWeights stored, PublishedWeights published,
                                 std::vector<Issue> issues)
{
    auto made = std::make_shared<Model>(model);
    made->published = std::move(published);
    made->published->stored = std::move(stored);
    made->issues.insert(made->issues.end(), issues.begin(), issues.end());
    return made;
}

} // namespace weighbridge
