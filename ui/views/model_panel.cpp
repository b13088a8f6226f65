#include "ui/views/model_panel.h"

#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/views/stored_rows.h"
#include "ui/widgets/selectable_label.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

std::vector<FigureList::Row> parameterRows(const Estimate& estimate)
{
    constexpr std::array parts = {Part::attention, Part::feed_forward, Part::experts, Part::shared_experts,
                                  Part::router,    Part::embedding,    Part::norms,   Part::vision};
    const Model& model = *estimate.model;
    std::vector<FigureList::Row> rows;
    for (const Part part : parts) {
        std::int64_t elements = 0;
        for (const Tensor& tensor : model.tensors)
            elements += tensor.part == part ? tensor.elements() : 0;
        if (elements > 0)
            rows.push_back({partName(part), utf8(grouped(elements)), {}, false});
    }
    rows.push_back({ModelPanel::tr("Total"), utf8(grouped(model.parameters.total)), {}, true});
    rows.push_back({ModelPanel::tr("Active per token"), utf8(grouped(model.parameters.active)), {}, false});
    if (model.parameters.multi_token_prediction > 0)
        rows.push_back({ModelPanel::tr("Multi-token prediction, beside the total"),
                        utf8(grouped(model.parameters.multi_token_prediction)),
                        {},
                        false});
    const Architecture& architecture = model.architecture;
    rows.push_back({ModelPanel::tr("%1 layers · hidden size %2 · %3 · vocabulary %4")
                        .arg(utf8(grouped(architecture.layers())), utf8(grouped(architecture.hidden_size)),
                             coreText(attention_summary(architecture)), utf8(grouped(architecture.vocab_size))),
                    {},
                    {},
                    false});
    return rows;
}

QString runName(const CacheRun& run)
{
    const QString layers = utf8(grouped(run.layers));
    switch (run.kind) {
    case CacheKind::growing:
        if (run.compress_ratio > 1)
            return ModelPanel::tr("%1 layers, one entry per %2 tokens").arg(layers, utf8(grouped(run.compress_ratio)));
        return ModelPanel::tr("%1 layers, full attention").arg(layers);
    case CacheKind::windowed:
        return ModelPanel::tr("%1 layers, window of %2 tokens").arg(layers, utf8(grouped(run.window)));
    case CacheKind::compressed:
        return ModelPanel::tr("%1 layers, latent (MLA)").arg(layers);
    case CacheKind::state:
        return ModelPanel::tr("%1 layers, state of constant size").arg(layers);
    case CacheKind::cross:
        return ModelPanel::tr("%1 layers, cross-attention to images").arg(layers);
    }
    return {};
}

QString runShape(const CacheRun& run)
{
    if (run.kind == CacheKind::compressed)
        return ModelPanel::tr("%1 + %2 elements")
            .arg(utf8(grouped(run.latent_rank)), utf8(grouped(run.key_dim - run.latent_rank)));
    if (run.kind == CacheKind::state)
        return ModelPanel::tr("%1 + %2 elements")
            .arg(utf8(grouped(run.conv_elements())), utf8(grouped(run.state_elements)));
    return ModelPanel::tr("%1 heads × (%2 + %3)")
        .arg(utf8(grouped(run.kv_heads)), utf8(grouped(run.key_dim)), utf8(grouped(run.value_dim)));
}

std::vector<FigureList::Row> cacheRows(const Estimate& estimate)
{
    std::vector<FigureList::Row> rows;
    if (!estimate.scenario.inference.use_kv_cache)
        rows.push_back({ModelPanel::tr("The KV cache is switched off"), {}, {}, false});
    for (const CacheRun& run : estimate.model->cache)
        rows.push_back({runName(run), runShape(run), {}, false});
    const CacheSummary& cache = estimate.cache;
    QString formula = utf8(cache.formula.symbols);
    if (!formula.isEmpty())
        formula = formula % u"\n"_s % utf8(cache.formula.numbers);
    rows.push_back({ModelPanel::tr("Bytes per token"), utf8(formula_number(cache.bytes_per_token)), formula, true});
    if (cache.fixed_bytes_per_sequence > 0)
        rows.push_back({ModelPanel::tr("Bytes per sequence, windows full and states"),
                        utf8(formula_number(cache.fixed_bytes_per_sequence)),
                        {},
                        false});
    const InferenceChoice& inference = estimate.scenario.inference;
    rows.push_back({ModelPanel::tr("Tokens per sequence × sequences"),
                    utf8(grouped(inference.tokens())) % u" × "_s % utf8(grouped(inference.concurrent_sequences)),
                    {},
                    false});
    return rows;
}

} // namespace

QString partName(Part part)
{
    switch (part) {
    case Part::embedding:
        return ModelPanel::tr("Embedding and LM head");
    case Part::attention:
        return ModelPanel::tr("Attention");
    case Part::feed_forward:
        return ModelPanel::tr("Feed-forward");
    case Part::experts:
        return ModelPanel::tr("Routed experts");
    case Part::shared_experts:
        return ModelPanel::tr("Shared experts");
    case Part::router:
        return ModelPanel::tr("Router");
    case Part::norms:
        return ModelPanel::tr("Norms");
    case Part::vision:
        return ModelPanel::tr("Vision tower and projector");
    }
    return {};
}

FigureList::FigureList(const QString& title, QWidget* parent)
    : QWidget(parent), title_(new QLabel(title, this)), grid_(new QGridLayout(this))
{
    grid_->setContentsMargins(0, 0, 0, 0);
    grid_->setColumnStretch(0, 1);
    grid_->addWidget(title_, 0, 0, 1, 2);
    style();
}

void FigureList::grow(std::size_t rows)
{
    while (labels_.size() < rows) {
        const Labels labels = {new SelectableLabel(this), new SelectableLabel(this), new SelectableLabel(this)};
        const int row = static_cast<int>(labels_.size()) * 2 + 1;
        labels.name->setWordWrap(true);
        labels.formula->setWordWrap(true);
        labels.figure->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        grid_->addWidget(labels.name, row, 0);
        grid_->addWidget(labels.figure, row, 1);
        grid_->addWidget(labels.formula, row + 1, 0, 1, 2);
        labels_.push_back(labels);
    }
}

void FigureList::setTitle(const QString& title)
{
    if (title_->text() != title)
        title_->setText(title);
}

void FigureList::setRows(const std::vector<Row>& rows, bool stale)
{
    if (rows == rows_ && stale == stale_)
        return;
    const bool restyle =
        stale != stale_ || !std::equal(rows.begin(), rows.end(), rows_.begin(), rows_.end(),
                                       [](const Row& a, const Row& b) { return a.strong == b.strong; });
    grow(rows.size());
    for (std::size_t i = 0; i < labels_.size(); ++i) {
        const Labels& labels = labels_[i];
        const bool shown = i < rows.size();
        labels.name->setVisible(shown);
        labels.figure->setVisible(shown && !rows[i].figure.isEmpty());
        labels.formula->setVisible(shown && !rows[i].formula.isEmpty());
        if (!shown)
            continue;
        if (const bool sentence = rows[i].figure.isEmpty();
            i >= rows_.size() || sentence != rows_[i].figure.isEmpty()) {
            grid_->removeWidget(labels.name);
            grid_->addWidget(labels.name, static_cast<int>(i) * 2 + 1, 0, 1, sentence ? 2 : 1);
        }
        labels.name->setText(rows[i].name);
        labels.figure->setText(rows[i].figure);
        labels.formula->setText(rows[i].formula);
    }
    rows_ = rows;
    stale_ = stale;
    if (restyle)
        style();
}

void FigureList::style()
{
    const Typography type = Typography::from(font());
    const Spacing space = Spacing::from(font());
    Theme theme = Theme::from(parentWidget() ? parentWidget()->palette() : palette());
    if (stale_)
        theme = theme.greyed();
    grid_->setHorizontalSpacing(space.l);
    grid_->setVerticalSpacing(space.s);
    title_->setFont(type.strong);
    setTextColor(title_, theme.text);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const Labels& labels = labels_[i];
        const bool strong = rows_[i].strong;
        labels.name->setFont(strong ? type.strong : type.body);
        labels.figure->setFont(strong ? type.strongNumber : type.number);
        labels.formula->setFont(scaled(type.formula, 0.92));
        setTextColor(labels.name, strong ? theme.text : theme.mutedText);
        setTextColor(labels.figure, theme.text);
        setTextColor(labels.formula, theme.mutedText);
    }
}

void FigureList::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

ModelPanel::ModelPanel(QWidget* parent)
    : QWidget(parent), grid_(new QGridLayout(this)), parameters_(new FigureList(tr("Model parameters"), this))
{
    setObjectName(u"modelPanel"_s);
    parameters_->setObjectName(u"modelParameters"_s);
    grid_->setContentsMargins(0, 0, 0, 0);
    arrange();
}

void ModelPanel::arrange()
{
    const Spacing space = Spacing::from(font());
    grid_->setHorizontalSpacing(2 * space.xl);
    grid_->setVerticalSpacing(space.xl);
    const int widest = QFontMetrics(font()).averageCharWidth() * 75; // the eye still finds the figure of a name
    for (FigureList* list : {parameters_, cache_, stored_})
        if (list != nullptr)
            list->setMaximumWidth(widest);
    grid_->addWidget(parameters_, 0, 0, Qt::AlignTop);
    if (cache_ != nullptr)
        grid_->addWidget(cache_, beside_ ? 0 : 1, beside_ ? 1 : 0, Qt::AlignTop);
    if (stored_ != nullptr)
        grid_->addWidget(stored_, beside_ ? (cache_ != nullptr ? 1 : 0) : 2, beside_ && cache_ == nullptr ? 1 : 0,
                         Qt::AlignTop);
    grid_->setColumnStretch(0, 10);
    grid_->setColumnStretch(1, beside_ ? 10 : 0);
    grid_->setColumnStretch(2, 1);
}

QSize ModelPanel::minimumSizeHint() const
{
    return {QWidget::minimumSizeHint().width(), fontMetrics().height()};
}

void ModelPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool beside = width() > QFontMetrics(font()).averageCharWidth() * 95;
    if (beside == beside_)
        return;
    beside_ = beside;
    arrange();
}

void ModelPanel::display(const ViewState& state)
{
    if (!state.estimate)
        return;
    parameters_->setRows(parameterRows(*state.estimate), state.stale);
    showCache(state);
    showStored(state);
}

/// A training step keeps no cache.
void ModelPanel::showCache(const ViewState& state)
{
    const bool changes = (cache_ == nullptr) == (state.estimate->training == nullptr);
    if (state.estimate->training) {
        delete std::exchange(cache_, nullptr);
    } else {
        if (cache_ == nullptr) {
            cache_ = new FigureList(tr("KV cache"), this);
            cache_->setObjectName(u"cacheDerivation"_s);
        }
        cache_->setRows(cacheRows(*state.estimate), state.stale);
    }
    if (changes)
        arrange();
}

void ModelPanel::showStored(const ViewState& state)
{
    const auto rows = storedRows(state);
    if (rows.empty()) {
        delete std::exchange(stored_, nullptr);
        return;
    }
    if (stored_ == nullptr) {
        stored_ = new FigureList(tr("Weights in the file"), this);
        stored_->setObjectName(u"storedWeights"_s);
        arrange();
    }
    stored_->setRows(rows, state.stale);
}

} // namespace weighbridge
