#include "ui/views/launch_page.h"

#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_model.h"
#include "ui/widgets/table_sheet.h"
#include "ui/widgets/wrap_layout.h"

#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextBlock>
#include <QVBoxLayout>

#include <array>
#include <cmath>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

/// A way to start a tool: what stands before its name in `write_launch()`.
struct Way
{
    const char* prefix;
    const char* name;
};

constexpr std::array ways = {
    Way{"", QT_TRANSLATE_NOOP("weighbridge::LaunchPage", "Command or file")},
    Way{"docker:", QT_TRANSLATE_NOOP("weighbridge::LaunchPage", "Docker")},
    Way{"compose:", QT_TRANSLATE_NOOP("weighbridge::LaunchPage", "Compose")},
    Way{"kubernetes:", QT_TRANSLATE_NOOP("weighbridge::LaunchPage", "Kubernetes")},
};

QString toolOf(const Scenario& scenario)
{
    const TrainingChoice* training = scenario.training();
    return utf8(training != nullptr ? training->framework : scenario.inference.engine);
}

/// The text, then every file beside it under its name.
QString wholeText(const WrittenLaunch& launch)
{
    QString text = utf8(launch.text);
    for (const auto& [name, content] : launch.files)
        text += u"\n# "_s % utf8(name) % u'\n' % utf8(content);
    return text;
}

Table flagsTable(const WrittenLaunch& launch)
{
    Table table{.id = "launch", .columns = {}};
    for (const auto& [id, heading] :
         {std::pair{"flag", LaunchPage::tr("Flag")}, std::pair{"value", LaunchPage::tr("Value")},
          std::pair{"key", LaunchPage::tr("Field")}, std::pair{"why", LaunchPage::tr("Why")}}) {
        Column column = shownColumn(heading, ColumnKind::text, {}, 0);
        column.id = id;
        column.who = For::all;
        table.columns.push_back(std::move(column));
    }
    table.columns[2].spare = 1;
    for (const WrittenFlag& flag : launch.flags)
        table.rows.push_back({{text_cell(flag.flag), text_cell(flag.value), text_cell(flag.key), text_cell(flag.why)}});
    return table;
}

} // namespace

LaunchPage::LaunchPage(QWidget* parent) : Page(parent)
{
    setObjectName(u"launchPage"_s);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    words_ = new SelectableLabel(page);
    words_->setObjectName(u"launch.words"_s);
    words_->setWordWrap(true);
    text_ = new QPlainTextEdit(page);
    text_->setObjectName(u"launch.text"_s);
    text_->setAccessibleName(tr("Command"));
    text_->setReadOnly(true);
    text_->setTabChangesFocus(true);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text_->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    text_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table_ = new TableSheet(page);
    table_->setObjectName(u"launch.table"_s);
    table_->setAccessibleName(tr("Flags"));
    note_ = new SelectableLabel(page);
    note_->setObjectName(u"launch.note"_s);
    note_->setWordWrap(true);
    auto* column = new QVBoxLayout(page);
    column->addWidget(words_);
    column->addWidget(buildTools());
    column->addWidget(text_);
    column->addWidget(table_);
    column->addWidget(note_);
    column->addStretch(1);
    page->setAutoFillBackground(false);
    dress();
}

QWidget* LaunchPage::buildTools()
{
    auto* tools = new QWidget(widget());
    auto* label = new QLabel(tr("Started &by"), tools);
    way_ = new QComboBox(tools);
    way_->setObjectName(u"launch.way"_s);
    way_->setAccessibleName(tr("Started by"));
    way_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    label->setBuddy(way_);
    copy_ = namedButton(tools, u"launch.copy"_s, tr("Co&py Command"));
    auto* row = new WrapLayout(tools);
    row->addWidget(label);
    row->addWidget(way_);
    row->addWidget(copy_);
    connect(way_, &QComboBox::currentIndexChanged, this, &LaunchPage::write);
    connect(copy_, &QPushButton::clicked, this, [this] {
        if (launch_)
            QGuiApplication::clipboard()->setText(wholeText(*launch_));
    });
    return tools;
}

void LaunchPage::display(const ViewState& state)
{
    if (!state.estimate || (state.estimate == estimate_ && state.stale == stale_))
        return;
    const bool restyle = stale_ != state.stale;
    estimate_ = state.estimate;
    stale_ = state.stale;
    fillWays(toolOf(estimate_->asked));
    write();
    if (restyle)
        style();
}

void LaunchPage::fillWays(const QString& tool)
{
    if (tool == tool_)
        return;
    tool_ = tool;
    const QSignalBlocker quiet(way_);
    const QString before = way_->currentData().toString();
    way_->clear();
    for (const Way& way : ways)
        if (write_launch(estimate_->asked, way.prefix + tool.toStdString()))
            way_->addItem(tr(way.name), QString::fromLatin1(way.prefix));
    way_->setCurrentIndex(std::max(0, way_->findData(before)));
}

void LaunchPage::write()
{
    if (!estimate_)
        return;
    launch_.reset();
    QString problem;
    if (way_->count() > 0) {
        const QString started = way_->currentData().toString() + tool_;
        auto written = write_launch(estimate_->asked, started.toStdString());
        if (written)
            launch_ = std::move(*written);
        else
            problem = coreText(written.error().message);
    }
    const bool known = launch_.has_value();
    for (QWidget* part : {static_cast<QWidget*>(text_), static_cast<QWidget*>(table_), static_cast<QWidget*>(note_),
                          static_cast<QWidget*>(copy_)})
        part->setVisible(known);
    way_->setEnabled(way_->count() > 0);
    if (!known) {
        words_->setText(problem.isEmpty()
                            ? tr("Nothing to start: formulas alone have no command. Choose an engine or a "
                                 "framework that is started by one.")
                            : problem);
        return;
    }
    words_->setText(tr("Starts %1 with the scenario as it stands. Only what differs from its defaults is written.")
                        .arg(utf8(launch_->tool)));
    text_->setPlainText(wholeText(*launch_).trimmed());
    table_->display(flagsTable(*launch_), stale_);
    table_->setVisible(!launch_->flags.empty());
    QStringList silent;
    for (const std::string& key : launch_->cant_say)
        silent << utf8(key);
    note_->setText(silent.isEmpty() ? QString() : tr("It has no flag for %1.").arg(silent.join(u", "_s)));
    note_->setVisible(!silent.isEmpty());
    fitText();
}

/// As high as its lines: the page scrolls, not the text.
void LaunchPage::fitText()
{
    const int lines = std::max(2, text_->document()->blockCount() + 1);
    const QMargins margins = text_->contentsMargins();
    text_->setFixedHeight(lines * text_->fontMetrics().lineSpacing() + margins.top() + margins.bottom() +
                          static_cast<int>(std::ceil(2 * text_->document()->documentMargin())));
}

void LaunchPage::style()
{
    const Spacing space = Spacing::from(font());
    widget()->layout()->setContentsMargins(0, 0, 0, space.l);
    widget()->layout()->setSpacing(space.m);
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setPointSizeF(font().pointSizeF());
    text_->setFont(fixed);
    Theme theme = Theme::from(palette());
    if (stale_)
        theme = theme.greyed();
    for (QLabel* label : {words_, note_})
        setTextColor(label, theme.mutedText);
    fitText();
}

std::vector<Table> LaunchPage::tables() const
{
    if (!launch_)
        return {};
    return {flagsTable(*launch_)};
}

std::optional<WantedFile> LaunchPage::file(const QString& ending) const
{
    if (!launch_)
        return std::nullopt;
    return tablesFile(ending, estimate_, u"launch"_s, tr("Launch"), tables());
}

PageEntry launchPage()
{
    return {.id = "launch",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "L&aunch"),
            .make = [](QWidget* parent) -> Page* { return new LaunchPage(parent); }};
}

} // namespace weighbridge
