#include "core/precision/quality.h"

#include "core/quantity/display.h"
#include "resources/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

namespace weighbridge {

namespace {

using nlohmann::json;

/// Published figures of one format, one metric and one class of sizes.
struct Measured
{
    std::optional<double> low{};
    double median = 0;
    std::optional<double> high{};
    std::int64_t models = 0;
};

struct FormatRow
{
    std::map<std::string, std::map<std::string, Measured>> metrics; ///< by metric, then by class
    std::optional<double> kld_of_8b;
    std::string sibling; ///< a mix with few measurements of its own: that of its base type, times a factor
    double factor_low = 1;
    double factor_high = 1;
};

using FormatTable = std::map<std::string, FormatRow, std::less<>>;

std::optional<double> number_in(const json& value)
{
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::map<std::string, Measured> classes_in(const json& metric)
{
    std::map<std::string, Measured> classes;
    for (const auto& [name, figures] : metric.items())
        classes[name] = {number_in(figures.at(0)), figures.at(1).get<double>(), number_in(figures.at(2)),
                         figures.at(3).get<std::int64_t>()};
    return classes;
}

FormatTable read_table()
{
    FormatTable table;
    const resources::Entry* file = resources::find(resources::precision(), "quality.json");
    if (file == nullptr)
        return table;
    for (const json& row : json::parse(file->json)) {
        FormatRow& read = table[row.at("format").get<std::string>()];
        for (const char* metric : {"ppl", "kld", "bench"})
            if (row.contains(metric))
                read.metrics[metric] = classes_in(row.at(metric));
        if (row.contains("kld_of_8b"))
            read.kld_of_8b = row.at("kld_of_8b").get<double>();
        if (row.contains("sibling")) {
            read.sibling = row.at("sibling").get<std::string>();
            read.factor_low = row.at("kld_factor").at(0).get<double>();
            read.factor_high = row.at("kld_factor").at(1).get<double>();
        }
    }
    return table;
}

const FormatTable& format_table()
{
    static const FormatTable table = read_table();
    return table;
}

struct SizeClass
{
    std::string_view id;
    double below; ///< billions of parameters
    bool experts;
    std::string_view words;
};

constexpr double unbounded = HUGE_VAL;
constexpr std::array<SizeClass, 6> size_classes = {{
    {"MoE<80B", 80, true, " with experts below 80 B"},
    {"MoE>80B", unbounded, true, " with experts above 80 B"},
    {"<4B", 4, false, " below 4 B"},
    {"4-15B", 15, false, " of 4 to 15 B"},
    {"15-80B", 80, false, " of 15 to 80 B"},
    {">80B", unbounded, false, " above 80 B"},
}};

constexpr double billion = 1e9;

const SizeClass& class_of(const Model& model)
{
    const bool experts = std::any_of(model.tensors.begin(), model.tensors.end(),
                                     [](const Tensor& tensor) { return tensor.part == Part::experts; });
    const double billions = model.parameters.total / billion;
    return *std::find_if(size_classes.begin(), size_classes.end(),
                         [&](const SizeClass& size) { return size.experts == experts && billions < size.below; });
}

struct Metric
{
    std::string_view id;
    std::string_view measure;
    std::string_view words;
};

/// The most telling first that people know how to read.
constexpr std::array<Metric, 3> metrics = {{
    {"ppl", "perplexity_percent", "% more perplexity"},
    {"kld", "kld_nats", "nats of KL divergence a token"},
    {"bench", "benchmark_percent", "% of benchmark scores"},
}};

constexpr std::string_view published_figures =
    "published measurements to mid 2026 (llama.cpp, ik_llama.cpp, exllamav3, GGUF-Tool-Suite, vLLM, AutoRound, "
    "llm-compressor and model cards), 10th to 90th percentile of ten models or more, else all";

std::string figure_text(double value)
{
    constexpr double large = 10;
    constexpr double small = 0.1;
    const double size = std::abs(value);
    return decimal_text(value, size >= large ? 0 : size >= small ? 1 : size == 0 ? 0 : 3);
}

std::string models_text(std::int64_t models, std::string_view words)
{
    return grouped(models) + (models == 1 ? " model" : " models") + std::string(words);
}

QualityLoss measured_loss(const Metric& metric, const Measured& figures, std::string_view words)
{
    QualityLoss loss;
    loss.basis = LossBasis::measured;
    loss.measure = metric.measure;
    loss.low = figures.low;
    loss.loss = figures.median;
    loss.high = figures.high;
    loss.models = figures.models;
    loss.source = published_figures;
    const std::string amount = figures.low && figures.high
                                   ? figure_text(*figures.low) + " to " + figure_text(*figures.high)
                                   : "about " + figure_text(figures.median);
    loss.text = amount + " " + std::string(metric.words) + " (measured on " + models_text(figures.models, words) + ")";
    return loss;
}

/// Of experts the size hardly helps: where its own class has too few, the range of both.
std::optional<Measured> of_all_experts(const std::map<std::string, Measured>& classes)
{
    std::optional<Measured> all;
    for (const SizeClass& size : size_classes) {
        const auto found = size.experts ? classes.find(std::string(size.id)) : classes.end();
        if (found == classes.end())
            continue;
        const Measured& part = found->second;
        const double low = part.low.value_or(part.median);
        const double high = part.high.value_or(part.median);
        if (!all) {
            all = {low, part.median, high, part.models};
            continue;
        }
        all->median =
            (all->median * static_cast<double>(all->models) + part.median * static_cast<double>(part.models)) /
            static_cast<double>(all->models + part.models);
        all->low = std::min(*all->low, low);
        all->high = std::max(*all->high, high);
        all->models += part.models;
    }
    constexpr std::int64_t enough = 4;
    if (all && all->models < enough)
        all.reset();
    return all;
}

const Measured* figures_of(const FormatRow& row, std::string_view metric, std::string_view size)
{
    const auto classes = row.metrics.find(std::string(metric));
    if (classes == row.metrics.end())
        return nullptr;
    const auto found = classes->second.find(std::string(size));
    return found != classes->second.end() ? &found->second : nullptr;
}

/// By the size rule: KLD of 8 B times (8 / N)^0.5, of a mix times what it was found to be of its base type.
QualityLoss by_size(const FormatRow& row, const FormatRow& base, double billions)
{
    constexpr double reference = 8;      // billions of parameters
    constexpr double kld_to_log = 0.8;   // ln of the ratio of perplexities over the KLD
    constexpr double width = 2.5;        // either way, in percent of perplexity
    constexpr double most = 0.5;         // nats: beyond it nothing can be said
    constexpr std::int64_t models = 315; // values that the rule was held against, left out one at a time
    const double factor = std::sqrt(row.factor_low * row.factor_high);
    const double kld = *base.kld_of_8b * factor * std::sqrt(reference / billions);
    QualityLoss loss;
    loss.basis = LossBasis::estimated;
    loss.measure = metrics.front().measure;
    loss.source = "KLD = c (8 / N)^0.5 and perplexity exp(0.8 KLD), from " + std::string(published_figures);
    loss.models = models;
    if (kld > most) {
        loss.text = "large, not to be estimated";
        return loss;
    }
    constexpr double percent = 100;
    const double median = percent * std::expm1(kld_to_log * kld);
    loss.low = median / width;
    loss.loss = median;
    loss.high = median * width;
    loss.text = figure_text(*loss.low) + " to " + figure_text(*loss.high) + " " + std::string(metrics.front().words) +
                " (estimated from models of other sizes)";
    return loss;
}

/// What is said of formats whose loss differs widely between models.
void warn_of_few_bits(QualityLoss& loss, const NumberFormat& format)
{
    constexpr double few_bits = 3;
    if (format.bits < few_bits && loss.basis != LossBasis::not_known)
        loss.text += "; varies widely between models: try it";
}

QualityLoss looked_up(const FormatTable& table, const FormatRow& row, const Model& model)
{
    const SizeClass& size = class_of(model);
    for (const Metric& metric : metrics)
        if (const Measured* figures = figures_of(row, metric.id, size.id); figures != nullptr && figures->low)
            return measured_loss(metric, *figures, size.words);
    const auto base = table.find(row.sibling);
    const FormatRow& sibling = base != table.end() ? base->second : row;
    if (!size.experts && sibling.kld_of_8b && model.parameters.total > 0)
        return by_size(row, sibling, model.parameters.total / billion);
    for (const Metric& metric : metrics)
        if (const auto classes = row.metrics.find(std::string(metric.id)); classes != row.metrics.end()) {
            if (const auto all = size.experts ? of_all_experts(classes->second) : std::nullopt)
                return measured_loss(metric, *all, " with experts");
            if (const auto all = classes->second.find("all"); all != classes->second.end() && all->second.low)
                return measured_loss(metric, all->second, " of all sizes");
        }
    for (const Metric& metric : metrics)
        if (const Measured* figures = figures_of(row, metric.id, "all"))
            return measured_loss(metric, *figures, " of all sizes");
    return {};
}

} // namespace

QualityLoss quality_loss(const NumberFormat& format, const Model& model)
{
    constexpr std::string_view unknown = "not known: no measurement found";
    QualityLoss loss;
    constexpr double whole = 16;
    const bool as_published = format.id == checkpoint_format;
    if (as_published || format.bits >= whole) {
        loss.basis = LossBasis::none;
        loss.loss = 0;
        loss.text = as_published ? "none: as published" : "none: 16 bits or more";
        return loss;
    }
    if (model.published) {
        loss.text = "not known: published as " + model.published->label + ", nothing to hold it against";
        return loss;
    }
    const FormatTable& table = format_table();
    const auto row = table.find(format.id);
    if (row != table.end())
        loss = looked_up(table, row->second, model);
    if (loss.text.empty())
        loss.text = unknown;
    warn_of_few_bits(loss, format);
    return loss;
}

} // namespace weighbridge
