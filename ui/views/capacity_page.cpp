#include "ui/views/capacity_page.h"

#include "core/answers/decisions.h"
#include "core/engines/engine.h"
#include "core/quantity/display.h"
#include "ui/charts/capacity_chart.h"
#include "ui/export/capacity_picture.h"
#include "ui/session/answers.h"
#include "ui/theme/readable.h"
#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"
#include "ui/views/capacity_rows.h"
#include "ui/views/counts_field.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QLabel* wordsIn(QWidget* parent, const QString& name)
{
    auto* label = new SelectableLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    return label;
}

/// What is said against single rows, each once.
QString remarksOf(const ServingCapacity& serving)
{
    QStringList remarks;
    const auto add = [&](const std::string& remark) {
        const QString text = u"* "_s % coreText(remark) % u'.';
        if (!remark.empty() && !remarks.contains(text))
            remarks << text;
    };
    for (const LengthRow& row : serving.by_length)
        add(row.remark);
    for (const ConcurrencyRow& row : serving.by_concurrency)
        add(row.remark);
    constexpr qsizetype most = 4;
    const bool more = remarks.size() > most;
    if (more)
        remarks = remarks.mid(0, most) << CapacityPage::tr("* More in the tool tips of the figures.");
    return remarks.join(u'\n');
}

} // namespace

CapacityPage::CapacityPage(QWidget* parent) : Page(parent)
{
    setObjectName(u"capacityPage"_s);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    auto* column = new QVBoxLayout(page);
    servingPart_ = buildServing();
    column->addWidget(servingPart_);
    column->addWidget(buildRecommended());
    column->addStretch(1);
    page->setAutoFillBackground(false);
    dress();
}

QWidget* CapacityPage::buildServing()
{
    auto* part = new QWidget(widget());
    servingTitle_ = new QLabel(tr("Serving capacity"), part);
    servingTitle_->setWordWrap(true);
    png_ = namedButton(part, u"capacity.png"_s, tr("Export &PNG …"));
    png_->setAccessibleDescription(tr("Both charts as a picture"));
    servingWords_ = wordsIn(part, u"capacity.serving"_s);
    const ServingRange usual;
    lengthsField_ = new CountsField(tr("&Tokens per request"), most_tokens, usual.lengths, part);
    lengthsField_->setObjectName(u"capacity.lengthsField"_s);
    concurrenciesField_ = new CountsField(tr("Concu&rrent requests"), most_sequences, usual.concurrencies, part);
    concurrenciesField_->setObjectName(u"capacity.concurrenciesField"_s);
    lengths_ = new TableSheet(part);
    lengths_->setObjectName(u"capacity.lengths"_s);
    lengths_->setAccessibleName(tr("Concurrent requests by length"));
    concurrencies_ = new TableSheet(part);
    concurrencies_->setObjectName(u"capacity.concurrencies"_s);
    concurrencies_->setAccessibleName(tr("Longest context by concurrency"));
    remarks_ = wordsIn(part, u"capacity.remarks"_s);
    contextChart_ = new CapacityChart(CapacityAxis::context, part);
    contextChart_->setObjectName(u"capacity.overContext"_s);
    concurrencyChart_ = new CapacityChart(CapacityAxis::concurrency, part);
    concurrencyChart_->setObjectName(u"capacity.overConcurrency"_s);

    auto* top = new QHBoxLayout;
    top->addWidget(servingTitle_, 1);
    top->addWidget(png_);
    grid_ = new QGridLayout;
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(top);
    column->addWidget(servingWords_);
    column->addLayout(grid_);
    connect(png_, &QPushButton::clicked, this, [this] { want(u"png"_s); });
    for (CountsField* field : {lengthsField_, concurrenciesField_}) {
        connect(field, &CountsField::changed, this, &CapacityPage::ask);
        connect(field, &CountsField::validityChanged, this, [this] {
            if (serving())
                showServing(); // of the last list that was one
        });
    }
    return part;
}

QWidget* CapacityPage::buildRecommended()
{
    auto* part = new QWidget(widget());
    recommendedTitle_ = new QLabel(tr("Recommended configurations"), part);
    recommendedTitle_->setWordWrap(true);
    QPushButton* csv = namedButton(part, u"capacity.csv"_s, tr("Export C&SV …"));
    csv->setAccessibleDescription(tr("All tables and curves of this page"));
    recommendedWords_ = wordsIn(part, u"capacity.recommended"_s);
    recommended_ = new TableSheet(part);
    recommended_->setObjectName(u"capacity.configurations"_s);
    recommended_->setAccessibleName(tr("Configurations that hold it"));
    recommended_->setShowsChosen();
    connect(recommended_, &QAbstractItemView::activated, this,
            [this](const QModelIndex& index) { takeRecommended(index.row()); });
    auto* top = new QHBoxLayout;
    top->addWidget(recommendedTitle_, 1);
    top->addWidget(csv);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(top);
    column->addWidget(recommendedWords_);
    column->addWidget(recommended_);
    connect(csv, &QPushButton::clicked, this, [this] { want(u"csv"_s); });
    return part;
}

void CapacityPage::display(const ViewState& state)
{
    const bool restyle = state.stale != state_.stale;
    const bool changed = restyle || state.unit != state_.unit;
    state_ = state;
    if (!state_.estimate)
        return;
    if (restyle)
        style();
    if (asked_ != state_.estimate && isVisible())
        ask();
    if (changed && answers_)
        redraw();
}

void CapacityPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (asked_ != state_.estimate)
        ask();
}

void CapacityPage::ask()
{
    if (!state_.estimate)
        return;
    asked_ = state_.estimate;
    MoreAnswers wanted;
    wanted.recommend = true;
    if (!asked_->training)
        wanted.serve = ServingRange{lengthsField_->counts(), concurrenciesField_->counts()};
    Q_EMIT answersWanted(asked_, wanted);
}

void CapacityPage::showAnswers(const EstimatePointer& about, const EstimatePointer& answers)
{
    if (about != asked_)
        return;
    answers_ = answers;
    redraw();
}

void CapacityPage::redraw()
{
    servingPart_->setVisible(serving() != nullptr);
    if (serving())
        showServing();
    if (recommendations())
        showRecommendations();
    arrange();
}

void CapacityPage::showServing()
{
    const Estimate& estimate = *answers_;
    const ServingPointer& serving = estimate.serving;
    const InferenceChoice& inference = estimate.scenario.inference;
    const Engine* engine = find_engine(inference.engine);
    const Capacity& cache = serving->cache;
    const QString name = engine != nullptr ? coreText(engine->name) : QString();
    const QString held = utf8(grouped(cache.kv_tokens));
    const Fit& fit = estimate.fit;
    QString words = tr("%1 · %2:").arg(gpusText(estimate), name);
    if (fit.verdict == Verdict::cant_run || fit.verdict == Verdict::not_known)
        words += u' ' + verdictWord(fit.verdict) + u'.'; // why stands above
    if (fit.verdict == Verdict::not_known)
        words += u' ' + tr("What follows is by the figures alone.");
    if (fit.verdict != Verdict::cant_run && cache.kv_tokens == 0)
        words += u' ' + tr("There is no room for a KV cache.");
    else if (fit.verdict != Verdict::cant_run)
        words += u' ' + (cache.kv_tokens_all == cache.kv_tokens
                             ? tr("The KV cache holds %1 tokens.").arg(held)
                             : tr("The KV cache of each replica holds %1 tokens, %2 in all.")
                                   .arg(held, utf8(grouped(cache.kv_tokens_all))));
    words += u' ' + tr("Memory alone decides here; how fast it answers is another matter.");
    servingWords_->setText(words);
    lengths_->display(lengthRows(*serving, inference.tokens(), state_.unit), state_.stale || !lengthsField_->isValid());
    concurrencies_->display(concurrencyRows(*serving, inference.concurrent_sequences),
                            state_.stale || !concurrenciesField_->isValid());
    const QString remarks = remarksOf(*serving);
    remarks_->setText(remarks);
    remarks_->setVisible(!remarks.isEmpty());
    contextChart_->display(serving, {inference.tokens(), estimate.total}, state_.unit, state_.stale);
    concurrencyChart_->display(serving, {inference.concurrent_sequences, estimate.total}, state_.unit, state_.stale);
}

/// Enter or a double click on a configuration puts the form on it.
void CapacityPage::takeRecommended(int row)
{
    if (state_.stale || asked_ != state_.estimate || !recommendations())
        return;
    int shown = 0;
    for (const Recommendation& one : recommendations()->rows) {
        if (!one.fits || shown++ != row)
            continue;
        const Configuration& configuration = recommendations()->configuration(one);
        Q_EMIT scenarioWanted(placed_on(answers_->asked, configuration, one),
                              tr("Choose %1").arg(utf8(configuration.name)));
        return;
    }
}

void CapacityPage::showRecommendations()
{
    const Fit& fit = answers_->fit;
    // The same limit as in the verdict above: a share of this page's own would contradict it.
    recommendedWords_->setText(
        recommendationSentence(*answers_->recommendations, state_.unit) % u' ' %
        tr("Of each GPU as much may be used as the verdict above goes by: on %1 that is %2 of %3.")
            .arg(utf8(fit.accelerator.card_name()), utf8(in_unit(fit.usable, state_.unit, 1)),
                 utf8(in_unit(fit.capacity, state_.unit, 1))) %
        u' ' % tr("Enter puts the form on a row."));
    recommended_->display(recommendationRows(*answers_->recommendations, state_.unit), state_.stale);
}

/// Beside each other where both have their width.
void CapacityPage::arrange()
{
    const Spacing space = Spacing::from(font());
    const auto wanted = [&](const QWidget& table) { return std::max(table.sizeHint().width(), 18 * space.l); };
    const int least = wanted(*lengths_) + wanted(*concurrencies_) + space.xl + space.s;
    const int columns = viewport()->width() >= least ? 2 : 1;
    if (columns == columns_)
        return;
    columns_ = columns;
    for (QWidget* part :
         {static_cast<QWidget*>(lengthsField_), static_cast<QWidget*>(concurrenciesField_),
          static_cast<QWidget*>(lengths_), static_cast<QWidget*>(concurrencies_), static_cast<QWidget*>(remarks_),
          static_cast<QWidget*>(contextChart_), static_cast<QWidget*>(concurrencyChart_)})
        grid_->removeWidget(part);
    const bool beside = columns == 2;
    grid_->addWidget(lengthsField_, 0, 0, Qt::AlignTop);
    grid_->addWidget(lengths_, 1, 0, Qt::AlignTop);
    grid_->addWidget(concurrenciesField_, beside ? 0 : 2, beside ? 1 : 0, Qt::AlignTop);
    grid_->addWidget(concurrencies_, beside ? 1 : 3, beside ? 1 : 0, Qt::AlignTop);
    grid_->addWidget(remarks_, 4, 0, 1, columns);
    grid_->addWidget(contextChart_, 5, 0);
    grid_->addWidget(concurrencyChart_, beside ? 5 : 6, beside ? 1 : 0);
    grid_->setColumnStretch(0, 1);
    grid_->setColumnStretch(1, beside ? 1 : 0);
}

void CapacityPage::style()
{
    const Spacing space = Spacing::from(font());
    const Typography type = Typography::from(font());
    widget()->layout()->setContentsMargins(0, space.s, space.s, space.l);
    widget()->layout()->setSpacing(space.xl);
    for (QLayout* part : {servingPart_->layout(), recommended_->parentWidget()->layout()})
        part->setSpacing(space.m);
    grid_->setHorizontalSpacing(space.xl);
    grid_->setVerticalSpacing(space.l);
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    QPalette ink;
    ink.setColor(QPalette::WindowText, theme.mutedText);
    for (QLabel* label : {servingWords_, remarks_, recommendedWords_})
        label->setPalette(ink);
    QPalette titleInk;
    if (state_.stale)
        titleInk.setColor(QPalette::WindowText, theme.text);
    for (QLabel* title : {servingTitle_, recommendedTitle_}) {
        title->setFont(type.strong);
        title->setPalette(titleInk);
    }
}

std::optional<WantedFile> CapacityPage::file(const QString& ending) const
{
    if (ending == "png"_L1 && serving())
        return WantedFile{tr("PNG image (*.png)"), u"capacity.png"_s, [answers = answers_, unit = state_.unit] {
                              return capacityPng(*answers, *answers->serving, unit);
                          }};
    if (ending == "csv"_L1 && answers_)
        return WantedFile{tr("CSV tables (*.csv)"), u"capacity.csv"_s,
                          [serving = serving(), recommendations = recommendations()] {
                              return Result<QByteArray>(capacityCsv(serving.get(), recommendations.get()));
                          }};
    return std::nullopt;
}

PageEntry capacityPage()
{
    return {.id = "capacity",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "&Capacity"),
            .make = [](QWidget* parent) -> Page* {
                auto* page = new CapacityPage(parent);
                auto* answers = new Answers(0, page);
                QObject::connect(page, &CapacityPage::answersWanted, answers, &Answers::ask);
                QObject::connect(answers, &Answers::answered, page, &CapacityPage::showAnswers);
                return page;
            }};
}

} // namespace weighbridge
