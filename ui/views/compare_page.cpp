#include "ui/views/compare_page.h"

#include "core/engines/engine.h"
#include "core/report/comparison_report.h"
#include "ui/charts/compare_bars.h"
#include "ui/theme/readable.h"
#include "ui/theme/text.h"
#include "ui/theme/typography.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"
#include "ui/widgets/wrap_layout.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

/// Places in comparison_tables().
constexpr std::size_t keysTable = 1;
constexpr std::size_t termsTable = 2;
constexpr std::size_t figuresTable = 3;

QString letterOf(std::size_t setup)
{
    return QString(QChar(u'A' + static_cast<char16_t>(setup)));
}

/// "Llama-3.1-70B · vLLM · 4 × H100 SXM 80 GB".
QString setupText(const Estimate& estimate)
{
    QStringList facts{utf8(estimate.model->name)};
    const Engine* engine = find_engine(estimate.scenario.inference.engine);
    if (!estimate.training && engine != nullptr)
        facts << coreText(engine->name);
    facts << gpusText(estimate);
    return facts.join(u" · "_s);
}

/// Parts of a term that are alike are left out, the others stand below it, set in. Of two setups the reason stands in
/// the row; of more there is no room for it, and it stands below.
Table shownTerms(Table table, const SetupComparison& comparison)
{
    const bool inRow = comparison.setups.size() == fewest_setups;
    for (Column& column : table.columns) {
        if (column.id.empty())
            column.who = For::programs;
        if (inRow && column.id.starts_with("reason_")) {
            column.who = For::all;
            column.heading = ComparePage::tr("Why").toStdString();
        }
    }
    std::vector<Row> rows;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const ComparedTerm& term = comparison.terms.at(i);
        Row& row = table.rows[i];
        if (term.depth > 0 && std::ranges::all_of(term.differences, [](std::int64_t bytes) { return bytes == 0; }))
            continue;
        row.cells.front().text.insert(0, std::string(static_cast<std::size_t>(term.depth) * 4, ' '));
        row.emphasis = term.depth > 0 ? Emphasis::quiet : Emphasis::plain;
        rows.push_back(std::move(row));
    }
    table.rows = std::move(rows);
    return table;
}

} // namespace

ComparePage::ComparePage(QWidget* parent) : Page(parent)
{
    setObjectName(u"comparePage"_s);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    words_ = new SelectableLabel(page);
    words_->setObjectName(u"compare.words"_s);
    words_->setWordWrap(true);
    auto* tools = new QWidget(page);
    keep_ = namedButton(tools, u"compare.keep"_s, tr("&Keep This One"));
    forget_ = namedButton(tools, u"compare.forget"_s, tr("Forget &All"));
    QPushButton* png = namedButton(tools, u"compare.png"_s, tr("Export &PNG …"));
    QPushButton* csv = namedButton(tools, u"compare.csv"_s, tr("Export C&SV …"));
    auto* row = new WrapLayout(tools);
    for (QPushButton* button : {keep_, forget_, png, csv})
        row->addWidget(button);
    answer_ = new QWidget(page);
    auto* answer = new QVBoxLayout(answer_);
    answer->setContentsMargins(0, 0, 0, 0);
    bars_ = new CompareBars(answer_);
    bars_->setObjectName(u"compare.bars"_s);
    answer->addWidget(bars_);
    const auto addTitle = [&](const QString& text) {
        titles_.push_back(new QLabel(text, answer_));
        answer->addWidget(titles_.back());
    };
    addTitle(tr("Settings that differ"));
    keys_ = addSheet(answer, u"compare.keys"_s, tr("Settings that differ"));
    addTitle(tr("Memory by term"));
    terms_ = addSheet(answer, u"compare.terms"_s, tr("Memory by term"));
    reasons_ = new SelectableLabel(answer_);
    reasons_->setObjectName(u"compare.reasons"_s);
    reasons_->setWordWrap(true);
    answer->addWidget(reasons_);
    addTitle(tr("Figures"));
    figures_ = addSheet(answer, u"compare.figures"_s, tr("Figures"));
    auto* column = new QVBoxLayout(page);
    column->addWidget(words_);
    column->addWidget(tools);
    column->addWidget(answer_);
    column->addStretch(1);
    page->setAutoFillBackground(false);
    connect(keep_, &QPushButton::clicked, this, [this] { keep(state_.estimate); });
    connect(forget_, &QPushButton::clicked, this, &ComparePage::forget);
    connect(png, &QPushButton::clicked, this, [this] { want(u"png"_s); });
    connect(csv, &QPushButton::clicked, this, [this] { want(u"csv"_s); });
    dress();
}

TableSheet* ComparePage::addSheet(QVBoxLayout* column, const QString& name, const QString& accessibleName)
{
    auto* sheet = new TableSheet(answer_);
    sheet->setObjectName(name);
    sheet->setAccessibleName(accessibleName);
    column->addWidget(sheet);
    return sheet;
}

void ComparePage::keep(const EstimatePointer& estimate)
{
    // Kept once is kept; one place is the form's own.
    if (!estimate || kept_.size() + 1 >= most_setups ||
        std::any_of(kept_.begin(), kept_.end(),
                    [&](const EstimatePointer& one) { return one->asked == estimate->asked; }))
        return;
    kept_.push_back(estimate);
    if (isVisible())
        compareAll();
}

void ComparePage::forget()
{
    kept_.clear();
    compareAll();
}

void ComparePage::display(const ViewState& state)
{
    const bool restyle = state.stale != state_.stale;
    state_ = state;
    if (restyle)
        style();
    if (state_.estimate && isVisible())
        compareAll();
}

void ComparePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (state_.estimate)
        compareAll();
}

/// The form's own last; while it is one of those that were kept, these alone.
void ComparePage::compareAll()
{
    std::vector<EstimatePointer> all = kept_;
    const auto task = [](const EstimatePointer& one) { return one->scenario.task; };
    std::erase_if(all, [&](const EstimatePointer& one) { return task(one) != task(state_.estimate); });
    if (std::none_of(all.begin(), all.end(),
                     [&](const EstimatePointer& one) { return one->asked == state_.estimate->asked; }))
        all.push_back(state_.estimate);
    comparison_.reset();
    if (all.size() >= fewest_setups) {
        std::vector<Setup> setups;
        for (std::size_t i = 0; i < all.size(); ++i)
            setups.push_back({.name = letterOf(i).toStdString(), .question = question_of(*all[i])});
        if (auto found = compare(std::move(setups)))
            comparison_ = std::move(*found);
    }
    showComparison();
}

void ComparePage::showComparison()
{
    answer_->setVisible(comparison_.has_value());
    forget_->setEnabled(!kept_.empty());
    keep_->setEnabled(kept_.size() + 1 < most_setups);
    if (!comparison_) {
        words_->setText(kept_.empty()
                            ? tr("What differs between these? One setup only: keep this one (Ctrl+D), then change "
                                 "something, open a file, or choose another engine.")
                            : tr("What differs between these? One setup is kept. Change something in the form, open a "
                                 "file, or choose another engine, and the difference stands here."));
        return;
    }
    words_->setText(tr("A is what the others are held against; the last one is the form’s own."));
    std::vector<CompareBar> bars;
    for (std::size_t i = 0; i < comparison_->setups.size(); ++i)
        if (const EstimatePointer& estimate = comparison_->setups[i].estimate)
            bars.push_back({letterOf(i), setupText(*estimate), estimate});
    bars_->display(std::move(bars), state_.unit, state_.stale);
    const std::vector<Table> all = comparison_tables(*comparison_);
    keys_->display(all.at(keysTable), state_.stale);
    terms_->display(shownTerms(all.at(termsTable), *comparison_), state_.stale);
    figures_->display(all.at(figuresTable), state_.stale);
    QStringList reasons;
    for (const std::string& note : all.at(termsTable).notes)
        reasons << coreText(note) % u'.';
    reasons_->setText(reasons.join(u'\n'));
    reasons_->setVisible(!reasons.isEmpty() && comparison_->setups.size() > fewest_setups);
}

std::vector<Table> ComparePage::tables() const
{
    return comparison_ ? comparison_tables(*comparison_) : std::vector<Table>();
}

std::optional<WantedFile> ComparePage::file(const QString& ending) const
{
    return tablesFile(ending, state_.estimate, u"compare"_s, tr("Compare"), tables());
}

void ComparePage::style()
{
    const Spacing space = Spacing::from(font());
    widget()->layout()->setContentsMargins(0, space.s, space.s, space.l);
    widget()->layout()->setSpacing(space.m);
    answer_->layout()->setSpacing(space.m);
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    QPalette ink;
    ink.setColor(QPalette::WindowText, theme.mutedText);
    words_->setPalette(ink);
    reasons_->setPalette(ink);
    ink.setColor(QPalette::WindowText, theme.text);
    for (QLabel* title : titles_) {
        title->setFont(Typography::from(font()).strong);
        title->setPalette(ink);
    }
}

PageEntry comparePage()
{
    return {.id = "compare",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "C&ompare"),
            .make = [](QWidget* parent) -> Page* { return new ComparePage(parent); },
            .keeps = true};
}

} // namespace weighbridge
