#include "core/engines/engine.h"
#include "core/engines/inference.h"
#include "core/fields/method.h"
#include "core/precision/format.h"
#include "core/quantity/display.h"
#include "core/training/training.h"
#include "ui/form/engine_options.h"
#include "ui/form/form_field.h"
#include "ui/form/hardware_fields.h"
#include "ui/form/option_value.h"
#include "ui/form/traffic_fields.h"
#include "ui/form/training_options.h"
#include "ui/session/text.h"
#include "ui/theme/text.h"

#include <QCoreApplication>

#include <type_traits>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct FieldText
{
    Q_DECLARE_TR_FUNCTIONS(FormFields)
};

QString bitsText(double bits)
{
    return FieldText::tr("%1 bit").arg(QString::number(bits, 'g', 4));
}

FieldChoice choiceOf(const NumberFormat& format)
{
    // What a checkpoint takes per weight is the model's to say, not the format's.
    return {toQt(format.id), toQt(format.label), format.id == checkpoint_format ? QString() : bitsText(format.bits)};
}

/// One format, without making the list of all: the mixes of GGUF take a while.
template<FormatUse use>
std::optional<FieldChoice> formatOf(const QString& id)
{
    const auto format = find_format(fromQt(id), use);
    if (!format || toQt(format->id) != id || id.startsWith("bits:"_L1))
        return std::nullopt; // typed widths are in no list
    return choiceOf(*format);
}

template<FormatUse use>
QList<FieldChoice> formats()
{
    QList<FieldChoice> choices;
    for (const NumberFormat& format : number_formats()) {
        const bool usable = use == FormatUse::weights    ? format.for_weights
                            : use == FormatUse::kv_cache ? format.for_kv_cache
                                                         : format.for_activations;
        if (usable)
            choices.append(choiceOf(format));
    }
    return choices;
}

QList<FieldChoice> tieChoices()
{
    return {{u"false"_s, FieldText::tr("Separate head"), {}}, {u"true"_s, FieldText::tr("Shared head"), {}}};
}

QList<FieldChoice> activationChoices()
{
    return {
        {u"peak_layer"_s, FieldText::tr("Peak of one layer"), {}},
        {u"vanilla"_s, FieldText::tr("All, scores kept"), {}},
        {u"gqa"_s, FieldText::tr("All, grouped queries"), {}},
        {u"flash"_s, FieldText::tr("All, FlashAttention"), {}},
        {u"fraction"_s, FieldText::tr("Share of the weights"), {}},
    };
}

QList<FieldChoice> overheadChoices()
{
    return {{u"bytes"_s, FieldText::tr("Fixed amount"), {}},
            {u"fraction"_s, FieldText::tr("Share of the weights"), {}}};
}

QList<FieldChoice> methodChoices()
{
    QList<FieldChoice> choices;
    for (const CountingMethod& method : counting_methods())
        choices.append({toQt(method.id), coreText(method.name), {}});
    return choices;
}

bool usesGenericEngine(const Session& session)
{
    return session.scenario().training() == nullptr && session.scenario().inference.engine == generic_engine;
}

QString weightsInUse(const Session& session)
{
    return toQt(base_weights(session.scenario(), *session.model()));
}

/// As chosen, else the engine's own.
CacheFormats cacheOf(const Session& session)
{
    const PrecisionChoice& precision = session.scenario().precision;
    const Engine* engine = engineOf(session);
    return engine != nullptr ? cache_formats(*engine, precision)
                             : CacheFormats{precision.kv_cache_k, precision.kv_cache_v};
}

QString keysInUse(const Session& session)
{
    return toQt(cacheOf(session).k);
}

QString valuesInUse(const Session& session)
{
    return toQt(cacheOf(session).v);
}

bool keepsCache(const Session& session)
{
    return !trains(session);
}

QString versionPlaceholder(const Session& session)
{
    const EstimatePointer& estimate = session.state().estimate;
    const bool known = estimate && estimate->scenario.inference.engine == session.scenario().inference.engine &&
                       !estimate->scenario.inference.engine_version.empty();
    return known ? toQt(estimate->scenario.inference.engine_version) : FieldText::tr("newest");
}

bool isFractionMethod(const Session& session)
{
    return session.scenario().inference.activation_method == "fraction";
}

bool overheadIsFraction(const Session& session)
{
    return session.scenario().inference.overhead_fraction.has_value();
}

bool overheadIsBytes(const Session& session)
{
    return !overheadIsFraction(session);
}

QString parametersPlaceholder(const Session& session)
{
    return toQt(grouped(session.model()->parameters.total));
}

using G = FieldGroup;
using K = FieldKind;
/// A key of the scenario: its words and kind are those of its row.
FormField placed(std::string_view key, G group)
{
    FormField field = optionRow(key);
    field.group = group;
    return field;
}

void addModel(std::vector<FormField>& fields)
{
    fields.push_back({.key = u"model"_s,
                      .group = G::model,
                      .kind = K::model,
                      .label = FieldText::tr("Model"),
                      .help = FieldText::tr(
                          "A bundled model, one that was opened or fetched before, or an architecture of your own")});
    fields.push_back(
        {.key = u"hub.id"_s,
         .group = G::model,
         .kind = K::hub,
         .label = FieldText::tr("Hugging Face ID"),
         .help = FieldText::tr(
             "Organisation and name, or the address of the model's page. Enter fetches its config.json.")});
}

/// Adds whole numbers of the architecture to one group of the form.
auto architectureAdder(std::vector<FormField>& fields, G group)
{
    return [&fields, group](const QString& key, const QString& label, const QString& symbol, FieldStep step,
                            const QString& help) {
        fields.push_back({.key = u"model."_s + key,
                          .group = group,
                          .kind = K::count,
                          .label = label,
                          .symbol = symbol,
                          .help = help,
                          .step = step});
    };
}

void addArchitecture(std::vector<FormField>& fields)
{
    const auto add = architectureAdder(fields, G::architecture);
    add(u"hidden_size"_s, FieldText::tr("Hidden size"), u"h"_s, FieldStep::by128,
        FieldText::tr("Width of the residual stream"));
    add(u"intermediate_size"_s, FieldText::tr("Intermediate size"), u"h_ffn"_s, FieldStep::by128,
        FieldText::tr("Inner width of the dense feed-forward layers"));
    add(u"num_layers"_s, FieldText::tr("Layers"), u"L"_s, FieldStep::one, FieldText::tr("Decoder layers"));
    add(u"num_attention_heads"_s, FieldText::tr("Attention heads"), u"a"_s, FieldStep::one,
        FieldText::tr("Query heads of one layer"));
    add(u"num_kv_heads"_s, FieldText::tr("KV heads"), u"k"_s, FieldStep::one,
        FieldText::tr("Key and value heads of one layer; they divide the query heads"));
    add(u"head_dim"_s, FieldText::tr("Head dimension"), u"d"_s, FieldStep::one, FieldText::tr("Width of one head"));
    add(u"vocab_size"_s, FieldText::tr("Vocabulary"), u"v"_s, FieldStep::by128, FieldText::tr("Rows of the embedding"));
    fields.push_back({.key = u"model.tie_word_embeddings"_s,
                      .group = G::architecture,
                      .kind = K::choice,
                      .label = FieldText::tr("Embeddings"),
                      .help = FieldText::tr("Whether the LM head shares the embedding's weights (tie_word_embeddings)"),
                      .choices = tieChoices});
}

void addExperts(std::vector<FormField>& fields)
{
    const auto add = architectureAdder(fields, G::experts);
    add(u"num_routed_experts"_s, FieldText::tr("Routed experts"), u"E"_s, FieldStep::one,
        FieldText::tr("Experts that the router chooses from; 1 is dense"));
    add(u"num_shared_experts"_s, FieldText::tr("Shared experts"), u"E_s"_s, FieldStep::one,
        FieldText::tr("Experts that every token passes"));
    add(u"expert_ffn_size"_s, FieldText::tr("Expert size"), u"h_e"_s, FieldStep::by128,
        FieldText::tr("Inner width of one expert (moe_intermediate_size)"));
    add(u"experts_per_token"_s, FieldText::tr("Experts per token"), u"top-k"_s, FieldStep::one,
        FieldText::tr("Routed experts that one token passes"));
}

void addAttention(std::vector<FormField>& fields)
{
    fields.push_back(placed("inference.use_kv_cache", G::attention));
    fields.push_back(
        {.key = u"inference.flash_attention"_s,
         .group = G::attention,
         .kind = K::flag,
         .label = FieldText::tr("FlashAttention"),
         .unit = FieldText::tr("Keep no scores"),
         .help = FieldText::tr("The notebook's switch: without it every layer's attention scores are counted"),
         .visible = countsAsNotebook});
    fields.push_back({.key = u"form.kv_differ"_s,
                      .group = G::attention,
                      .kind = K::flag,
                      .label = FieldText::tr("KV precision"),
                      .unit = FieldText::tr("Keys and values differ"),
                      .help = FieldText::tr("Choose the precision of keys and of values separately"),
                      .visible = keepsCache});
}

void addPrecision(std::vector<FormField>& fields)
{
    const auto add = [&]<FormatUse use>(std::string_view key, std::integral_constant<FormatUse, use>) {
        fields.push_back(placed(key, G::precision));
        fields.back().kind = K::format;
        fields.back().choices = formats<use>;
        fields.back().choice = formatOf<use>;
        fields.back().help += FieldText::tr(". Any width may be typed: bits:3.5 or nominal:0.5 (bytes).");
    };
    constexpr std::integral_constant<FormatUse, FormatUse::weights> weights;
    constexpr std::integral_constant<FormatUse, FormatUse::kv_cache> kv_cache;
    constexpr std::integral_constant<FormatUse, FormatUse::activations> activations;
    add("precision.weights", weights);
    fields.back().inUse = weightsInUse;
    add("precision.kv_cache", kv_cache);
    fields.back().inUse = keysInUse; // shown where both are kept alike
    add("precision.kv_cache.k", kv_cache);
    fields.back().inUse = keysInUse;
    add("precision.kv_cache.v", kv_cache);
    fields.back().inUse = valuesInUse;
    add("precision.activations", activations);
}

/// What each method sets, a line each.
QString methodHelp()
{
    QStringList lines{FieldText::tr("Sets up a whole way of counting; every field can be changed afterwards.")};
    for (const CountingMethod& method : counting_methods())
        lines << FieldText::tr("%1: %2.").arg(coreText(method.name), coreText(method.summary));
    return lines.join(u'\n');
}

void addEngine(std::vector<FormField>& fields)
{
    fields.push_back(placed("inference.engine", G::workload));
    fields.back().kind = K::choice;
    fields.back().choices = engineChoices;
    fields.push_back(placed("inference.engine_version", G::workload));
    fields.back().kind = K::text;
    fields.back().visible = engineHasVersions;
    fields.back().placeholder = versionPlaceholder;
    fields.push_back({.key = u"inference.method"_s,
                      .group = G::workload,
                      .kind = K::choice,
                      .label = FieldText::tr("Method"),
                      .help = methodHelp(),
                      .visible = usesGenericEngine,
                      .choices = methodChoices});
}

void addWorkload(std::vector<FormField>& fields)
{
    addEngine(fields);
    fields.push_back(placed("inference.sequence_length", G::workload));
    fields.back().label = FieldText::tr("Context");
    fields.back().unit = FieldText::tr("tokens per request");
    fields.back().step = FieldStep::doubling;
    fields.push_back(placed("inference.concurrent_sequences", G::workload));
    fields.back().label = FieldText::tr("Concurrency");
    fields.back().unit = FieldText::tr("requests at a time");
    fields.back().step = FieldStep::one;
}

void addAssumptions(std::vector<FormField>& fields)
{
    fields.push_back(placed("inference.activation_method", G::assumptions));
    fields.back().kind = K::choice;
    fields.back().choices = activationChoices;
    fields.push_back(placed("inference.activation_fraction", G::assumptions));
    fields.back().kind = K::real;
    fields.back().unit = FieldText::tr("of weights");
    fields.back().step = FieldStep::tenth;
    fields.back().visible = isFractionMethod;
    fields.push_back({.key = u"inference.overhead_kind"_s,
                      .group = G::assumptions,
                      .kind = K::choice,
                      .label = FieldText::tr("Overhead"),
                      .help = FieldText::tr("CUDA context and framework: a fixed amount, or a share of the weights"),
                      .visible = usesGenericEngine,
                      .choices = overheadChoices});
    fields.push_back(placed("inference.overhead_bytes", G::assumptions));
    fields.back().kind = K::real;
    fields.back().unit = u"GiB"_s;
    fields.back().step = FieldStep::tenth;
    fields.back().visible = overheadIsBytes;
    fields.push_back(placed("inference.overhead_fraction", G::assumptions));
    fields.back().kind = K::real;
    fields.back().unit = FieldText::tr("of weights");
    fields.back().step = FieldStep::tenth;
    fields.back().visible = overheadIsFraction;
    fields.push_back(placed("inference.parameters", G::assumptions));
    fields.back().placeholder = parametersPlaceholder;
}

void addHubAccess(std::vector<FormField>& fields)
{
    fields.push_back({.key = u"hub.revision"_s,
                      .group = G::hubAccess,
                      .kind = K::text,
                      .label = FieldText::tr("Revision"),
                      .help = FieldText::tr("Branch, tag or commit; empty: main"),
                      .placeholder = [](const Session&) { return u"main"_s; }});
    fields.push_back(
        {.key = u"hub.token"_s,
         .group = G::hubAccess,
         .kind = K::secret,
         .label = FieldText::tr("Token"),
         .help = FieldText::tr("For gated and private models; sent to the Hub only, kept nowhere. Empty: HF_TOKEN or "
                               "the file of hf auth login.")});
}

} // namespace

bool trains(const Session& session)
{
    return session.scenario().training() != nullptr;
}

const Engine* engineOf(const Session& session)
{
    return find_engine(session.scenario().inference.engine);
}

std::vector<FormField> formFields()
{
    std::vector<FormField> fields;
    fields.reserve(160);
    addModel(fields);
    addWorkload(fields);
    addHardwareFields(fields);
    addPrecision(fields);
    addTraffic(fields);
    addAssumptions(fields);
    addArchitecture(fields);
    addExperts(fields);
    addAttention(fields);
    addHubAccess(fields);
    addEngineOptions(fields);
    addTrainingOptions(fields);
    hideUnreadOptions(fields);
    return fields;
}

} // namespace weighbridge
