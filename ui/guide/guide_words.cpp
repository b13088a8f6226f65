#include "ui/guide/guide_words.h"

#include "core/engines/engine.h"
#include "core/memory/weights.h"
#include "core/report/answers_report.h"
#include "core/report/training_report.h"
#include "core/training/framework.h"
#include "ui/guide/guide_steps.h"
#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"
#include "ui/views/capacity_rows.h"

#include <QCoreApplication>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct GuideWords
{
    Q_DECLARE_TR_FUNCTIONS(GuideWords)
};

/// Of what holds it, as many as can be taken in at a glance.
constexpr std::size_t mostChoices = 8;

/// "16", "14.25": bytes of one parameter.
QString bytesEach(double bytes)
{
    const bool whole = bytes == static_cast<double>(static_cast<std::int64_t>(bytes));
    return utf8(decimal_text(bytes, whole ? 0 : 2)) % u"\u00A0B"_s;
}

QString parametersOf(double count)
{
    return utf8(parameters_text(static_cast<std::int64_t>(count)));
}

const TrainingChoice* usedBy(const Decisions& decisions)
{
    return decisions.whole->training ? &decisions.whole->training->used : nullptr;
}

QString methodName(const TrainingChoice& choice)
{
    if (choice.method == "lora")
        return u"LoRA"_s;
    if (choice.method == "qlora")
        return u"QLoRA"_s;
    if (choice.method == "dora")
        return u"DoRA"_s;
    return GuideWords::tr("Full training");
}

QString optimizerName(const TrainingChoice& choice)
{
    const Optimizer* optimizer = find_optimizer(choice.optimizer);
    return optimizer != nullptr ? utf8(optimizer->label) : utf8(choice.optimizer);
}

QString engineName(const Scenario& scenario)
{
    const Engine* engine = find_engine(scenario.inference.engine);
    return engine != nullptr ? coreText(engine->name) : utf8(scenario.inference.engine);
}

/// "8,192 tokens × 12 sequences".
QString lengthTimesBatch(const Scenario& scenario)
{
    const TrainingChoice* choice = scenario.training();
    const std::int64_t tokens = choice != nullptr ? choice->sequence_length : scenario.inference.tokens();
    const std::int64_t batch = choice != nullptr ? choice->micro_batch_size : scenario.inference.concurrent_sequences;
    const QString text =
        batch == 1 ? GuideWords::tr("%1 tokens × %2 sequence") : GuideWords::tr("%1 tokens × %2 sequences");
    return text.arg(utf8(grouped(tokens)), utf8(grouped(batch)));
}

QString amount(Bytes bytes, ByteUnit unit)
{
    return utf8(in_unit(bytes, unit));
}

Cell amountCell(Bytes bytes, ByteUnit unit)
{
    QString text = utf8(in_unit_bare(bytes, unit));
    if (bytes.count > 0 && text == "0.00"_L1)
        text = u"<0.01"_s;
    return shownCell(text, bytes.count, inBothUnits(bytes, unit));
}

QString stepPlace(DecisionStep step)
{
    return GuideWords::tr("step %1, %2").arg(static_cast<int>(step) + 1).arg(stepTitle(step));
}

// ---- scenario

/// Bytes that a trained parameter costs beside the frozen network.
double trainedBytes(const Decisions& decisions)
{
    double bytes = 0;
    for (const ParameterCost& cost : decisions.per_parameter)
        if (cost.parameters == decisions.trained_parameters)
            bytes += cost.bytes;
    return bytes;
}

QString scenarioSentence(const Decisions& decisions)
{
    const Estimate& whole = *decisions.whole;
    const QString all = parametersOf(static_cast<double>(whole.model->parameters.total));
    const TrainingChoice* choice = usedBy(decisions);
    if (choice == nullptr)
        return GuideWords::tr(
            "Serving holds the weights, a KV cache that grows with every token of every sequence, and "
            "working memory. There are no gradients and no optimizer states.");
    const QString each = bytesEach(trainedBytes(decisions));
    if (choice->method == "full")
        return GuideWords::tr("Every parameter is trained: with %1 each of the %2 takes %3, and activations come "
                              "on top.")
            .arg(optimizerName(*choice), all, each);
    return GuideWords::tr(
               "%1 trains %2 of %3 parameters (%4), which take %5 each with %6. The network itself is frozen: "
               "it has neither gradients nor optimizer states.")
        .arg(methodName(*choice), parametersOf(decisions.trained_parameters), all,
             utf8(percent_text(decisions.trained_parameters / static_cast<double>(whole.model->parameters.total))),
             each, optimizerName(*choice));
}

Table scenarioRows(const Decisions& decisions)
{
    Table rows;
    rows.columns = {shownColumn(GuideWords::tr("Held in memory")), shownColumn(GuideWords::tr("Decided in")),
                    shownColumn(GuideWords::tr("Per parameter"), ColumnKind::number,
                                GuideWords::tr("Bytes, scales included; the average of all tensors")),
                    shownColumn(GuideWords::tr("Basis"))};
    for (const ParameterCost& cost : decisions.per_parameter)
        rows.rows.push_back({{shownCell(coreText(cost.label)), shownCell(stepPlace(DecisionStep::model)),
                              shownCell(bytesEach(cost.bytes), cost.bytes,
                                        GuideWords::tr("Of %1 parameters").arg(parametersOf(cost.parameters))),
                              shownCell(coreText(basis_name(Basis::exact)))}});
    for (const Term& term : decisions.whole->terms) {
        const DecisionStep step = decided_by(term.id);
        if (step != DecisionStep::model)
            rows.rows.push_back({{shownCell(coreText(term.label)), shownCell(stepPlace(step)), text_cell("–"),
                                  shownCell(coreText(basis_name(term.basis)))},
                                 0,
                                 Emphasis::quiet});
    }
    return rows;
}

// ---- model

QString modelSentence(const Decisions& decisions, ByteUnit unit)
{
    const Estimate& whole = *decisions.whole;
    const Model& model = *whole.model;
    const std::string weights = base_weights(whole.scenario, model);
    const auto format = find_format(weights, FormatUse::weights);
    const QString stored = utf8(format ? format->label : weights);
    QString words;
    if (usedBy(decisions) != nullptr)
        words = GuideWords::tr("%1 has %2 parameters; with all that training keeps for them they take %3.")
                    .arg(utf8(model.name), parametersOf(static_cast<double>(model.parameters.total)),
                         amount(decisions.by_model, unit));
    else
        words = GuideWords::tr("%1 has %2 parameters; as %3 they take %4.")
                    .arg(utf8(model.name), parametersOf(static_cast<double>(model.parameters.total)), stored,
                         amount(decisions.by_model, unit));
    if (model.parameters.active > 0 && model.parameters.active < model.parameters.total * 9 / 10)
        words += u' ' % GuideWords::tr("A token uses %1 of them, but all have to be there.")
                            .arg(parametersOf(static_cast<double>(model.parameters.active)));
    return words;
}

void addTerm(Table& rows, const Term& term, ByteUnit unit, bool muted, bool child = false)
{
    QString label = coreText(term.label);
    if (child)
        label.prepend(u"\u2003"_s);
    rows.rows.push_back({{shownCell(label), amountCell(term.bytes, unit),
                          shownCell(term.low == term.high ? coreText(basis_label(term)) : basisText(term, unit))},
                         0,
                         muted ? Emphasis::quiet : Emphasis::plain});
}

void addSum(Table& rows, const QString& label, Bytes bytes, ByteUnit unit)
{
    rows.rows.push_back({{shownCell(label), amountCell(bytes, unit), {}}, 0, Emphasis::strong});
}

Table termColumns(ByteUnit unit)
{
    Table rows;
    rows.columns = {shownColumn(GuideWords::tr("On one GPU"), ColumnKind::text,
                                GuideWords::tr("Before anything is shared out over several")),
                    shownColumn(utf8(unit_name(unit)), ColumnKind::number), shownColumn(GuideWords::tr("Basis"))};
    return rows;
}

Table modelRows(const Decisions& decisions, ByteUnit unit)
{
    Table rows = termColumns(unit);
    for (const Term& term : decisions.whole->terms) {
        if (decided_by(term.id) != DecisionStep::model)
            continue;
        addTerm(rows, term, unit, false);
        if (term.children.size() > 1) // one alone says the same again
            for (const Term& child : term.children)
                addTerm(rows, child, unit, true, true);
    }
    addSum(rows, GuideWords::tr("So far"), decisions.by_model, unit);
    return rows;
}

// ---- context

QString cacheSentence(const Estimate& whole, ByteUnit unit)
{
    const Term* cache = find_term(whole.terms, "kv_cache");
    if (cache == nullptr || cache->bytes.count == 0)
        return GuideWords::tr("No KV cache is kept: every token is computed anew.");
    const QString each = utf8(in_fitting_unit({static_cast<std::int64_t>(whole.cache.bytes_per_token)}, unit));
    QString words = whole.cache.bytes_per_token >= 1
                        ? GuideWords::tr("Each token takes %1 in the KV cache; %2 take %3.")
                              .arg(each, lengthTimesBatch(whole.scenario), amount(cache->bytes, unit))
                        : GuideWords::tr("The cache does not grow with the context; %1 take %2.")
                              .arg(lengthTimesBatch(whole.scenario), amount(cache->bytes, unit));
    if (whole.cache.bytes_per_token >= 1 && whole.cache.fixed_bytes_per_sequence >= 1)
        words +=
            u' ' %
            GuideWords::tr("Of that, up to %1 of each sequence is of windows and states that stop growing.")
                .arg(utf8(in_fitting_unit({static_cast<std::int64_t>(whole.cache.fixed_bytes_per_sequence)}, unit)));
    return words;
}

QString contextSentence(const Decisions& decisions, ByteUnit unit)
{
    const Estimate& whole = *decisions.whole;
    if (!whole.training)
        return cacheSentence(whole, unit);
    const QString most = coreText(decisions.context_moment->label).toLower();
    const QString peak = coreText(whole.training->peak().label).toLower();
    QString words = GuideWords::tr("%1 on each GPU at once take %2 at %3, where they take most.")
                        .arg(lengthTimesBatch(whole.scenario), amount(decisions.context_most, unit), most);
    if (most != peak)
        words += u' ' % GuideWords::tr("The whole peaks elsewhere, at %1.").arg(peak);
    return words;
}

Table contextRows(const Decisions& decisions, ByteUnit unit)
{
    Table rows = termColumns(unit);
    Bytes sum;
    const Moment* moment = decisions.context_moment;
    for (const Term& term : moment != nullptr ? moment->terms : decisions.whole->terms) {
        const DecisionStep step = decided_by(term.id);
        if (step == DecisionStep::hardware)
            continue;
        addTerm(rows, term, unit, step == DecisionStep::model);
        sum += term.bytes;
    }
    addSum(rows,
           moment != nullptr ? GuideWords::tr("At %1").arg(coreText(moment->label).toLower())
                             : GuideWords::tr("So far"),
           sum, unit);
    return rows;
}

// ---- hardware

QString hardwareSentence(const Decisions& decisions, ByteUnit unit)
{
    const Estimate& whole = *decisions.whole;
    return GuideWords::tr("On one GPU all of it would take %1, %2 of that for the engine and the CUDA context.")
        .arg(amount(whole.total, unit), amount(decisions.beside, unit));
}

QString overheadText(const BookOverhead& overhead)
{
    const QString least = utf8(percent_text(overhead.least));
    return overhead.least == overhead.most ? least
                                           : GuideWords::tr("%1 to %2").arg(least, utf8(percent_text(overhead.most)));
}

/// "Here: vLLM doesn't run on M3 Ultra." What the book names need not be what the verdict allows.
QString objectionWords(const BookTier& low, const BookTier& high, const Recommendations& recommendations, ByteUnit unit)
{
    std::vector<TierObjection> objections = objections_to(low, recommendations);
    if (&low != &high)
        for (TierObjection& more : objections_to(high, recommendations))
            objections.push_back(std::move(more));
    QStringList words;
    for (const TierObjection& objection : objections)
        words << (objection.reason.empty() ? GuideWords::tr("%1 is too small: %2 of %3 that may be used.")
                                                 .arg(utf8(objection.card), utf8(in_unit(objection.needed, unit, 1)),
                                                      utf8(in_unit(objection.usable, unit, 1)))
                                           : QString(coreText(objection.reason) % u'.'));
    return words.isEmpty() ? QString() : QString(u' ' % GuideWords::tr("Not here: %1").arg(words.join(u' ')));
}

QString tierWords(const Decisions& decisions, const Recommendations& recommendations, ByteUnit unit)
{
    const BookTier& low = book_tier(decisions.book_total_low);
    const BookTier& high = book_tier(decisions.book_total_high);
    const auto gb = [](double bytes) { return utf8(in_unit({static_cast<std::int64_t>(bytes)}, ByteUnit::gb, 1)); };
    const QString total =
        decisions.book_total_low == decisions.book_total_high
            ? gb(decisions.book_total_low)
            : GuideWords::tr("%1 to %2").arg(gb(decisions.book_total_low), gb(decisions.book_total_high));
    const QString hardware = low.hardware == high.hardware
                                 ? coreText(low.hardware)
                                 : GuideWords::tr("%1, or %2").arg(coreText(low.hardware), coreText(high.hardware));
    return GuideWords::tr("add %1 for overhead, which makes %2, and take by the printed memory of the card: %3.")
               .arg(overheadText(decisions.overhead), total, hardware) %
           objectionWords(low, high, recommendations, unit);
}

} // namespace

QString stepSummary(DecisionStep step, const Decisions& decisions, const Scenario& scenario,
                    const Accelerator& accelerator, ByteUnit unit)
{
    const TrainingChoice* choice = scenario.training();
    const HardwareChoice& hardware = scenario.hardware;
    switch (step) {
    case DecisionStep::scenario:
        return choice != nullptr ? QString(methodName(*choice) % u" · "_s % optimizerName(*choice))
                                 : GuideWords::tr("Inference · %1").arg(engineName(scenario));
    case DecisionStep::model:
        return utf8(in_unit(decisions.by_model, unit, 1)) % u" · "_s % utf8(decisions.whole->model->name);
    case DecisionStep::context:
        return utf8(in_unit(decisions.context_most, unit, 1)) % u" · "_s % lengthTimesBatch(scenario);
    case DecisionStep::hardware: {
        const std::int64_t gpus =
            hardware.tensor_parallel * hardware.pipeline_parallel * hardware.data_parallel * hardware.context_parallel;
        return utf8(accelerator.cards_name(gpus));
    }
    }
    return {};
}

QString decisionSentence(DecisionStep step, const Decisions& decisions, ByteUnit unit)
{
    switch (step) {
    case DecisionStep::scenario:
        return scenarioSentence(decisions);
    case DecisionStep::model:
        return modelSentence(decisions, unit);
    case DecisionStep::context:
        return contextSentence(decisions, unit);
    case DecisionStep::hardware:
        return hardwareSentence(decisions, unit);
    }
    return {};
}

Table decisionRows(DecisionStep step, const Decisions& decisions, ByteUnit unit)
{
    switch (step) {
    case DecisionStep::scenario:
        return scenarioRows(decisions);
    case DecisionStep::model:
        return modelRows(decisions, unit);
    case DecisionStep::context:
        return contextRows(decisions, unit);
    case DecisionStep::hardware:
        break; // the normal window's own verdict and bar
    }
    return {};
}

QString bookWords(DecisionStep step, const Decisions& decisions, const RecommendationsPointer& recommendations,
                  ByteUnit unit)
{
    QString words;
    const bool trains = usedBy(decisions) != nullptr;
    switch (step) {
    case DecisionStep::scenario:
        words = trains ? GuideWords::tr("AdamW takes 16 bytes for each trained parameter: weights, gradients, an FP32 "
                                        "copy and two FP32 moments.")
                       : GuideWords::tr("inference, LoRA or full training comes first, because they differ by a factor "
                                        "of about eight per parameter.");
        break;
    case DecisionStep::model:
        words = GuideWords::tr("parameters times bytes per parameter; of a mixture of experts all of them, not only "
                               "the active ones.");
        break;
    case DecisionStep::context:
        words = trains ? GuideWords::tr("activations grow with tokens, batch, layers and width.")
                       : GuideWords::tr("the KV cache of one sequence times the expected batch size.");
        break;
    case DecisionStep::hardware:
        if (!recommendations)
            return {}; // it names GPUs, and nobody knows yet whether they do
        words = tierWords(decisions, *recommendations, unit);
        break;
    }
    return GuideWords::tr("The book appendix (B.12): %1").arg(words);
}

ShownChoices choiceRows(const GuideAnswers& answers, const Scenario& scenario, ByteUnit unit)
{
    ShownChoices shown;
    const RecommendationsPointer& all = answers.recommendations();
    if (!all)
        return shown;
    Recommendations few;
    few.configurations = all->configurations;
    few.usable_share = all->usable_share;
    std::vector<bool> chosen;
    for (const Recommendation* row : answers.eligible()) {
        const bool is = is_placed_on(scenario, all->configuration(*row), *row);
        if (shown.rows.size() >= mostChoices && !is)
            continue;
        shown.rows.push_back(row);
        few.rows.push_back(*row);
        chosen.push_back(is);
    }
    shown.table = recommendationRows(few, unit);
    for (std::size_t i = 0; i < shown.table.rows.size(); ++i)
        shown.table.rows[i].emphasis = chosen[i] ? Emphasis::strong : Emphasis::plain;
    return shown;
}

QString choiceSentence(const GuideAnswers& answers, std::size_t shown, ByteUnit unit)
{
    const RecommendationsPointer& all = answers.recommendations();
    if (!all)
        return GuideWords::tr("Looking for what holds it …");
    if (answers.eligible().empty())
        return GuideWords::tr("None of %1 configurations holds it as it is; see what would do instead.")
            .arg(utf8(grouped(static_cast<std::int64_t>(all->rows.size()))));
    QString words = recommendationSentence(*all, unit);
    const std::size_t more = answers.eligible().size() - std::min(shown, answers.eligible().size());
    if (more > 0)
        words +=
            u' ' % GuideWords::tr("%1 larger ones hold it too; the tab Capacity of the normal window has them all.")
                       .arg(utf8(grouped(static_cast<std::int64_t>(more))));
    return words;
}

Table insteadRows(const GuideAnswers& answers, ByteUnit unit)
{
    Table rows;
    constexpr ColumnKind number = ColumnKind::number;
    rows.columns = {shownColumn(GuideWords::tr("Choice")), shownColumn(GuideWords::tr("Smallest that holds it")),
                    shownColumn(GuideWords::tr("%1 per GPU").arg(utf8(unit_name(unit))), number,
                                GuideWords::tr("On that configuration")),
                    shownColumn(GuideWords::tr("on one GPU"), number,
                                GuideWords::tr("Before anything is shared out over several"))};
    for (const InsteadOf& instead : answers.instead()) {
        QString smallest = GuideWords::tr("none");
        if (instead.smallest != nullptr)
            smallest = utf8(instead.recommendations->configuration(*instead.smallest).name) % u" ("_s %
                       utf8(layout_text(*instead.smallest)) % u')';
        if (!instead.decisions)
            smallest = u"–"_s;
        Cell figure = text_cell("–", instead.refusal);
        Cell each = text_cell("–");
        if (instead.smallest != nullptr)
            each = amountCell(instead.smallest->needed, unit);
        if (instead.decisions)
            figure = amountCell(instead.decisions->whole->total, unit);
        QString label = coreText(instead.alternative.label);
        if (instead.alternative.chosen)
            label = GuideWords::tr("%1, as chosen").arg(label);
        rows.rows.push_back({{shownCell(label, {}, coreText(instead.alternative.remark)),
                              shownCell(smallest, {}, coreText(instead.refusal)), each, figure},
                             0,
                             instead.alternative.chosen ? Emphasis::strong
                             : instead.decisions        ? Emphasis::plain
                                                        : Emphasis::quiet});
    }
    return rows;
}

QString insteadWords(const GuideAnswers& answers)
{
    QStringList refused;
    QStringList advice;
    for (const InsteadOf& instead : answers.instead()) {
        const QString label = coreText(instead.alternative.label);
        if (instead.decisions && !instead.refusal.empty()) // on every GPU
            refused << label % u": "_s % coreText(instead.refusal) % u'.';
        else if (!instead.alternative.remark.empty() && instead.smallest != nullptr)
            advice << label % u": "_s % coreText(instead.alternative.remark);
    }
    if (!advice.isEmpty())
        advice.prepend(GuideWords::tr("The book appendix (B.12):"));
    return (refused + advice).join(u'\n');
}

} // namespace weighbridge
