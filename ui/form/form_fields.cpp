#include "core/engines/engine.h"
#include "core/fields/method.h"
#include "core/precision/format.h"
#include "core/quantity/display.h"
#include "core/training/training.h"
#include "ui/form/engine_options.h"
#include "ui/form/form_field.h"
#include "ui/form/training_options.h"
#include "ui/session/text.h"
#include "ui/theme/text.h"

#include <QCoreApplication>

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

template<FormatUse use>
QList<FieldChoice> formats()
{
    QList<FieldChoice> choices;
    for (const NumberFormat& format : number_formats()) {
        const bool usable = use == FormatUse::weights    ? format.for_weights
                            : use == FormatUse::kv_cache ? format.for_kv_cache
                                                         : format.for_activations;
        // What a checkpoint takes per weight is the model's to say, not the format's.
        if (usable)
            choices.append({toQt(format.id), toQt(format.label),
                            format.id == checkpoint_format ? QString() : bitsText(format.bits)});
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

const Engine* engineOf(const Session& session)
{
    return find_engine(session.scenario().inference.engine);
}

bool trains(const Session& session)
{
    return session.scenario().training() != nullptr;
}

bool keepsCache(const Session& session)
{
    return !trains(session);
}

/// Sizes that the engine has no use for stay in sight while they are other than 1, so that they can be set back.
bool showsPipelines(const Session& session)
{
    const Engine* engine = engineOf(session);
    return trains(session) || (engine != nullptr && engine->pipelines) ||
           session.scenario().hardware.pipeline_parallel != 1;
}

bool showsData(const Session& session)
{
    const Engine* engine = engineOf(session);
    return trains(session) || (engine != nullptr && engine->replicates) ||
           session.scenario().hardware.data_parallel != 1;
}

bool showsExperts(const Session& session)
{
    const Engine* engine = engineOf(session);
    return trains(session) || (engine != nullptr && engine->replicates) ||
           session.scenario().hardware.expert_parallel != 1;
}

bool runsStages(const Session& session)
{
    return session.scenario().hardware.pipeline_parallel != 1;
}

bool sharesLayers(const Session& session)
{
    return session.scenario().hardware.tensor_parallel != 1;
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

bool usesCustomAccelerator(const Session& session)
{
    return session.scenario().hardware.accelerator == "custom";
}

QString capacitySuffix(const Session& session)
{
    return FieldText::tr("of %1").arg(toQt(in_unit(session.accelerator().capacity, session.state().unit, 1)));
}

QString usablePlaceholder(const Session& session)
{
    return toQt(percent_text(default_usable_fraction(session.accelerator())));
}

QString parametersPlaceholder(const Session& session)
{
    return toQt(grouped(session.model()->parameters.total));
}

QString gpusSuffix(const Session& session)
{
    return session.scenario().hardware.tensor_parallel == 1 ? FieldText::tr("GPU") : FieldText::tr("GPUs");
}

using G = FieldGroup;
using K = FieldKind;
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
    fields.push_back({.key = u"inference.use_kv_cache"_s,
                      .group = G::attention,
                      .kind = K::flag,
                      .label = FieldText::tr("KV cache"),
                      .unit = FieldText::tr("Keep keys and values"),
                      .help = FieldText::tr("Without it, every token is computed anew and nothing is kept")});
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
    const auto add = [&](const QString& key, const QString& label, const QString& symbol,
                         QList<FieldChoice> (*choices)(), const QString& help) {
        fields.push_back({.key = u"precision."_s + key,
                          .group = G::precision,
                          .kind = K::format,
                          .label = label,
                          .symbol = symbol,
                          .help = help,
                          .choices = choices});
    };
    const QString widths = FieldText::tr(" Any width may be typed: bits:3.5 or nominal:0.5 (bytes).");
    add(u"weights"_s, FieldText::tr("Weights"), u"B_w"_s, formats<FormatUse::weights>,
        FieldText::tr("How weights are stored, with the bits of their scales.") + widths);
    fields.back().inUse = weightsInUse;
    add(u"kv_cache"_s, FieldText::tr("KV cache"), u"B_kv"_s, formats<FormatUse::kv_cache>,
        FieldText::tr("How keys and values are kept.") + widths);
    add(u"kv_cache.k"_s, FieldText::tr("Cached keys"), u"B_k"_s, formats<FormatUse::kv_cache>,
        FieldText::tr("How keys are kept.") + widths);
    add(u"kv_cache.v"_s, FieldText::tr("Cached values"), u"B_v"_s, formats<FormatUse::kv_cache>,
        FieldText::tr("How values are kept.") + widths);
    add(u"activations"_s, FieldText::tr("Activations"), u"B_a"_s, formats<FormatUse::activations>,
        FieldText::tr("What layers hand on.") + widths);
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
    fields.push_back(
        {.key = u"inference.engine"_s,
         .group = G::workload,
         .kind = K::choice,
         .label = FieldText::tr("Engine"),
         .help = FieldText::tr("What runs the model. The formulas alone need no engine; an engine has options of its "
                               "own and memory beside the model's."),
         .choices = engineChoices});
    fields.push_back({.key = u"inference.engine_version"_s,
                      .group = G::workload,
                      .kind = K::text,
                      .label = FieldText::tr("Version"),
                      .help = FieldText::tr("Of the engine: its rules differ from one to the next. Empty: the newest."),
                      .visible = engineHasVersions,
                      .placeholder = versionPlaceholder});
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
    fields.push_back({.key = u"inference.sequence_length"_s,
                      .group = G::workload,
                      .kind = K::count,
                      .label = FieldText::tr("Sequence length"),
                      .symbol = u"s"_s,
                      .unit = FieldText::tr("tokens"),
                      .help = FieldText::tr("Prompt and answer together, per sequence: 8192, 8k, 4*8192"),
                      .step = FieldStep::doubling});
    fields.push_back({.key = u"inference.concurrent_sequences"_s,
                      .group = G::workload,
                      .kind = K::count,
                      .label = FieldText::tr("Concurrent sequences"),
                      .symbol = u"b"_s,
                      .help = FieldText::tr("Sequences in flight at once: the batch size"),
                      .step = FieldStep::one});
}

void addAssumptions(std::vector<FormField>& fields)
{
    fields.push_back({.key = u"inference.activation_method"_s,
                      .group = G::assumptions,
                      .kind = K::choice,
                      .label = FieldText::tr("Activations"),
                      .help = FieldText::tr("How the memory of activations is counted"),
                      .choices = activationChoices});
    fields.push_back({.key = u"inference.activation_fraction"_s,
                      .group = G::assumptions,
                      .kind = K::real,
                      .label = FieldText::tr("Activation share"),
                      .unit = FieldText::tr("of weights"),
                      .help = FieldText::tr("Activations as a share of the weights"),
                      .step = FieldStep::tenth,
                      .visible = isFractionMethod});
    fields.push_back({.key = u"inference.overhead_kind"_s,
                      .group = G::assumptions,
                      .kind = K::choice,
                      .label = FieldText::tr("Overhead"),
                      .help = FieldText::tr("CUDA context and framework: a fixed amount, or a share of the weights"),
                      .visible = usesGenericEngine,
                      .choices = overheadChoices});
    fields.push_back({.key = u"inference.overhead_bytes"_s,
                      .group = G::assumptions,
                      .kind = K::real,
                      .label = FieldText::tr("Overhead amount"),
                      .unit = u"GiB"_s,
                      .help = FieldText::tr("CUDA context and framework, per GPU"),
                      .step = FieldStep::tenth,
                      .visible = overheadIsBytes});
    fields.push_back({.key = u"inference.overhead_fraction"_s,
                      .group = G::assumptions,
                      .kind = K::real,
                      .label = FieldText::tr("Overhead share"),
                      .unit = FieldText::tr("of weights"),
                      .help = FieldText::tr("CUDA context and framework as a share of the weights"),
                      .step = FieldStep::tenth,
                      .visible = overheadIsFraction});
    fields.push_back(
        {.key = u"inference.parameters"_s,
         .group = G::assumptions,
         .kind = K::count,
         .label = FieldText::tr("Parameters"),
         .symbol = u"P"_s,
         .help = FieldText::tr("A parameter count of your own in place of the computed one; empty: computed"),
         .placeholder = parametersPlaceholder});
}

void addParallel(std::vector<FormField>& fields)
{
    const auto add = [&](const QString& key, const QString& label, const QString& symbol,
                         bool (*visible)(const Session&), const QString& help) {
        fields.push_back({.key = u"hardware."_s + key,
                          .group = G::hardware,
                          .kind = K::count,
                          .label = label,
                          .symbol = symbol,
                          .help = help,
                          .step = FieldStep::doubling,
                          .visible = visible});
    };
    add(u"pipeline_parallel"_s, FieldText::tr("Pipeline parallel"), u"pp"_s, showsPipelines,
        FieldText::tr("Stages of consecutive layers, each on GPUs of its own; the fullest one is weighed"));
    add(u"data_parallel"_s, FieldText::tr("Data parallel"), u"dp"_s, showsData,
        FieldText::tr("Copies of the model's attention, each with sequences of its own"));
    add(u"expert_parallel"_s, FieldText::tr("Expert parallel"), u"ep"_s, showsExperts,
        FieldText::tr("GPUs that share the routed experts as whole experts"));
    add(u"context_parallel"_s, FieldText::tr("Context parallel"), u"cp"_s, nullptr,
        FieldText::tr("GPUs that share the tokens of a sequence"));
    add(u"virtual_pipeline"_s, FieldText::tr("Chunks per stage"), u"vpp"_s, runsStages,
        FieldText::tr(
            "Chunks of layers that each stage has, interleaved with those of the others; 1: not interleaved"));
    add(u"num_microbatches"_s, FieldText::tr("Micro batches"), u"m"_s, runsStages,
        FieldText::tr("That go through the pipeline during one step"));
    fields.push_back({.key = u"hardware.sequence_parallel"_s,
                      .group = G::hardware,
                      .kind = K::flag,
                      .label = FieldText::tr("Sequence parallel"),
                      .unit = FieldText::tr("Norms share the tokens"),
                      .help = FieldText::tr("Tensor-parallel GPUs share the tokens between the products as well"),
                      .visible = sharesLayers});
}

void addHardware(std::vector<FormField>& fields)
{
    fields.push_back({.key = u"hardware.accelerator"_s,
                      .group = G::hardware,
                      .kind = K::accelerator,
                      .label = FieldText::tr("GPU"),
                      .help = FieldText::tr("The accelerator to judge by; the last entry is one of your own")});
    const auto custom = [&](const QString& key, K kind, const QString& label, const QString& unit,
                            const QString& help) {
        fields.push_back({.key = u"hardware.custom."_s + key,
                          .group = G::hardware,
                          .kind = kind,
                          .label = label,
                          .unit = unit,
                          .help = help,
                          .visible = usesCustomAccelerator});
    };
    custom(u"name"_s, K::text, FieldText::tr("Name"), {}, FieldText::tr("What to call it"));
    custom(u"memory"_s, K::real, FieldText::tr("Memory"), u"GiB"_s, FieldText::tr("What the driver reports"));
    custom(u"bandwidth"_s, K::real, FieldText::tr("Bandwidth"), u"GB/s"_s,
           FieldText::tr("Of the memory; empty: unknown"));
    custom(u"peak"_s, K::real, FieldText::tr("Peak at 16 bit"), u"TFLOP/s"_s,
           FieldText::tr("Dense, without sparsity; empty: unknown"));
    fields.push_back({.key = u"hardware.tensor_parallel"_s,
                      .group = G::hardware,
                      .kind = K::count,
                      .label = FieldText::tr("Tensor parallel"),
                      .symbol = u"tp"_s,
                      .unit = FieldText::tr("GPUs"),
                      .help = FieldText::tr("GPUs that share every layer; the number divides the attention heads"),
                      .step = FieldStep::doubling,
                      .suffix = gpusSuffix});
    addParallel(fields);
    fields.push_back({.key = u"hardware.usable_fraction"_s,
                      .group = G::hardware,
                      .kind = K::real,
                      .label = FieldText::tr("Usable memory"),
                      .help = FieldText::tr("The share of the capacity that may be used; empty: the GPU's default"),
                      .step = FieldStep::tenth,
                      .suffix = capacitySuffix,
                      .placeholder = usablePlaceholder});
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

std::vector<FormField> formFields()
{
    std::vector<FormField> fields;
    fields.reserve(160);
    addModel(fields);
    addArchitecture(fields);
    addExperts(fields);
    addAttention(fields);
    addPrecision(fields);
    addWorkload(fields);
    addAssumptions(fields);
    addHardware(fields);
    addHubAccess(fields);
    addEngineOptions(fields);
    addTrainingOptions(fields);
    hideUnreadOptions(fields);
    return fields;
}

} // namespace weighbridge
