#include "ui/window/main_window.h"

#include "core/fields/scenario_json.h"
#include "core/files/weights_path.h"
#include "ui/form/form.h"
#include "ui/form/issue_bar.h"
#include "ui/form/scenario_files.h"
#include "ui/form/task_switch.h"
#include "ui/guide/guide_window.h"
#include "ui/help/help_window.h"
#include "ui/models/model_source.h"
#include "ui/session/session.h"
#include "ui/session/text.h"
#include "ui/tables/tables_window.h"
#include "ui/theme/ink.h"
#include "ui/theme/readable.h"
#include "ui/views/summary_bar.h"
#include "ui/window/message_strip.h"
#include "ui/window/result_pane.h"
#include "ui/window/window_menus.h"

#include <nlohmann/json.hpp>

#include <QCloseEvent>
#include <QPainter>
#include <QScreen>
#include <QScrollArea>
#include <QSplitter>
#include <QStyle>
#include <QUndoStack>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::milliseconds rememberAfter{800};
constexpr QSize usualSize{1440, 900};
/// The form takes at most this share of the window's width.
constexpr double mostOfForm = 0.45;

/// A hairline across the window.
class Rule : public QWidget
{
public:
    explicit Rule(QWidget* parent) : QWidget(parent) { setFixedHeight(1); }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), hairline(palette())); }
};

/// What a screen leaves to a window below its title bar, before anybody knows how high that is.
QSize roomOnScreen(const QWidget& window)
{
    return window.screen()->availableSize() - QSize(0, window.style()->pixelMetric(QStyle::PM_TitleBarHeight));
}

/// Scrolls up and down only: never narrower than the form.
class FormArea : public QScrollArea
{
public:
    using QScrollArea::QScrollArea;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            setMinimumWidth(widget()->minimumSizeHint().width() + style()->pixelMetric(QStyle::PM_ScrollBarExtent));
        return QScrollArea::eventFilter(watched, event);
    }
};

} // namespace

MainWindow::MainWindow(WindowServices services, Appearance& appearance, QWidget* parent)
    : QMainWindow(parent), services_(std::move(services)), appearance_(appearance), settings_(services_.settingsPath),
      session_(new Session(this)), source_(new ModelSource(*session_, services_.hub, this))
{
    setObjectName(u"window"_s);
    setAcceptDrops(true);
    const QString complaint = settings_.load();
    const Settings& kept = settings_.settings();
    appearance_.setTheme(kept.theme);
    appearance_.setFontStep(kept.fontStep);
    session_->setUnit(kept.unit);
    QString scenarioComplaint;
    if (kept.scenario && !startWith(*kept.scenario))
        scenarioComplaint = tr("The last scenario could not be used again; this is the one to begin with.");
    session_->flush();

    buildContents();
    WindowMenus(*this).build();
    if (!complaint.isEmpty())
        say(Severity::warning, complaint);
    else if (!scenarioComplaint.isEmpty())
        say(Severity::warning, scenarioComplaint);
    restore();

    remember_.setSingleShot(true);
    remember_.setInterval(rememberAfter);
    connect(&remember_, &QTimer::timeout, this, &MainWindow::remember);
    connect(session_, &Session::changed, this, &MainWindow::refresh);
    refresh();
    remember_.stop();
    form_->setFocus();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildContents()
{
    auto* contents = new QWidget(this);
    auto* column = new QVBoxLayout(contents);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    message_ = new MessageStrip(contents);
    splitter_ = new QSplitter(Qt::Horizontal, contents);
    splitter_->setObjectName(u"splitter"_s);
    splitter_->setChildrenCollapsible(false);
    splitter_->setHandleWidth(1);
    results_ = new ResultPane(splitter_);
    splitter_->addWidget(buildLeft());
    splitter_->addWidget(results_);
    splitter_->setStretchFactor(0, 0);
    splitter_->setStretchFactor(1, 1);
    summary_ = new SummaryBar(contents);
    summary_->setObjectName(u"summary"_s);
    column->addWidget(new Rule(contents));
    column->addWidget(message_);
    column->addWidget(splitter_, 1);
    column->addWidget(new Rule(contents));
    column->addWidget(summary_);
    setCentralWidget(contents);

    form_->setRecentModels([this] { return settings_.settings().recentModels; });
    connect(form_, &Form::modelChosen, this, &MainWindow::chooseModel);
    connect(source_, &ModelSource::opened, this, [this](const RecentModel& model) {
        settings_.edit([&](Settings& settings) { rememberModel(settings, model); });
    });
    connect(source_, &ModelSource::fileWanted, this, &MainWindow::openPath);
    connect(results_, &ResultPane::acceleratorChosen, this, [this](const QString& id) {
        session_->setField(u"hardware.accelerator"_s, id, form_->labelOf(u"hardware.accelerator"_s));
    });
    connect(results_, &ResultPane::exportWanted, this, &MainWindow::exportFile);
    connect(results_, &ResultPane::scenarioWanted, this, [this](const Scenario& scenario, const QString& what) {
        session_->setScenario(scenario, session_->loadedModel(), what);
    });
    connect(results_, &ResultPane::pinToggled, this, [this](const QString& id) {
        const auto& pins = session_->scenario().hardware.pinned;
        session_->pin(id, std::find(pins.begin(), pins.end(), fromQt(id)) == pins.end());
    });
}

QWidget* MainWindow::buildLeft()
{
    auto* left = new QWidget(splitter_);
    left->setBackgroundRole(QPalette::Base);
    left->setAutoFillBackground(true);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    formArea_ = new FormArea(left);
    formArea_->setObjectName(u"form.area"_s);
    formArea_->setFrameShape(QFrame::NoFrame);
    formArea_->setWidgetResizable(true);
    formArea_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    formArea_->setFocusPolicy(Qt::NoFocus);
    formArea_->viewport()->setBackgroundRole(QPalette::Base);
    form_ = new Form(*session_, *source_);
    form_->setObjectName(u"form"_s);
    form_->setTop(new TaskSwitch(*session_, form_));
    form_->setBackgroundRole(QPalette::Base);
    // Nothing is outlined at the start; a click beside the fields leaves them.
    form_->setFocusPolicy(Qt::ClickFocus);
    formArea_->setWidget(form_);
    issues_ = new IssueBar(*session_, *form_, left);
    column->addWidget(formArea_, 1);
    column->addWidget(issues_);
    return left;
}

void MainWindow::restore()
{
    const Settings& kept = settings_.settings();
    if (kept.geometry.isEmpty() || !restoreGeometry(kept.geometry))
        resize(usualSize.boundedTo(roomOnScreen(*this)));
    if (kept.splitter.size() == 2) {
        splitter_->setSizes(kept.splitter);
        fitted_ = true;
    }
}

bool MainWindow::startWith(const nlohmann::json& json)
{
    auto scenario = read_scenario(json);
    if (!scenario)
        return false;
    if (scenario->model.kind == ModelReference::Kind::path && !weights_at(scenario->model.text).empty()) {
        startWithFile(*scenario);
        return true;
    }
    const auto model = source_->loadedHere(scenario->model);
    if (!model)
        return false;
    session_->start(*scenario, *model);
    return true;
}

/// Opens with the scenario and, until its weights file has been read, the first model.
void MainWindow::startWithFile(const Scenario& scenario)
{
    const LoadedModel first = session_->loadedModel(); // a copy: start() replaces it
    session_->start(scenario, first);
    source_->readWeights(scenario.model, [this, scenario](const LoadedModel& loaded) {
        if (session_->undoStack().count() == 0)
            session_->start(scenario, loaded);
        else
            session_->setModel(loaded); // something has been edited meanwhile
    });
}

void MainWindow::refresh()
{
    const ViewState& state = session_->state();
    if (!state.estimate)
        return;
    results_->display(state);
    summary_->display(state);
    const std::int64_t gpus = state.estimate->gpus;
    const QString gpu = toQt(session_->accelerator().card_name());
    const QString model = toQt(session_->model()->name);
    const bool listed = !state.estimate->asked.hardware.devices.empty();
    const QString title = listed     ? tr("%1 on %2 — Weighbridge").arg(model, gpusText(*state.estimate))
                          : gpus > 1 ? tr("%1 on %2 × %3 — Weighbridge").arg(model, QString::number(gpus), gpu)
                                     : tr("%1 on %2 — Weighbridge").arg(model, gpu);
    if (windowTitle() != title)
        setWindowTitle(title);
    remember_.start();
}

void MainWindow::remember()
{
    remember_.stop();
    settings_.edit([this](Settings& settings) {
        settings.scenario = write_scenario(session_->scenario());
        settings.unit = session_->state().unit;
    });
}

void MainWindow::fitSplitter()
{
    const int wanted = form_->sizeHint().width() + style()->pixelMetric(QStyle::PM_ScrollBarExtent);
    const int least = form_->minimumSizeHint().width() + style()->pixelMetric(QStyle::PM_ScrollBarExtent);
    formArea_->setMinimumWidth(least); // what it was told last may be of layouts that had not settled
    const int left = std::max(least, std::min(wanted, static_cast<int>(width() * mostOfForm)));
    splitter_->setSizes({left, std::max(1, width() - left)});
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    if (!fitted_)
        fitSplitter();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    remember();
    settings_.edit([this](Settings& settings) {
        settings.geometry = saveGeometry();
        settings.splitter = splitter_->sizes();
    });
    settings_.save();
    if (help_)
        help_->close();
    if (accuracy_)
        accuracy_->close();
    if (tables_)
        tables_->close();
    if (guide_)
        guide_->close();
    QMainWindow::closeEvent(event);
}

void MainWindow::say(Severity severity, const QString& message)
{
    message_->say(severity, message);
}

void MainWindow::setUnit(ByteUnit unit)
{
    session_->setUnit(unit);
    settings_.edit([unit](Settings& settings) { settings.unit = unit; });
}

void MainWindow::setTheme(ThemeChoice theme)
{
    appearance_.setTheme(theme);
    settings_.edit([theme](Settings& settings) { settings.theme = theme; });
}

void MainWindow::setFontStep(int step)
{
    const int bounded = std::clamp(step, smallestFontStep, largestFontStep);
    appearance_.setFontStep(bounded);
    settings_.edit([bounded](Settings& settings) { settings.fontStep = bounded; });
    // The form knows how narrow it may be once the new font has been laid out: layouts within layouts post their
    // requests one after the other, and a timer comes behind all of them.
    QTimer::singleShot(0, this, &MainWindow::fitSplitter);
}

void MainWindow::goToNextIssue()
{
    issues_->goToNext();
}

void MainWindow::showHelp(HelpPage page)
{
    if (!help_) {
        help_ = new HelpWindow(this);
        help_->setAttribute(Qt::WA_DeleteOnClose);
    }
    help_->showPage(page);
}

SavePathAsker MainWindow::exportAsker()
{
    return [this](QWidget* parent, const QString& filter, const QString& suggested,
                  std::function<void(const QString&)> answer) {
        services_.askPath(parent, {PathQuestion::Kind::saveFile, tr("Export"), filter, suggested}, std::move(answer));
    };
}

void MainWindow::showAccuracy()
{
    if (!accuracy_) {
        accuracy_ = new AccuracyWindow(exportAsker(), this);
        accuracy_->setAttribute(Qt::WA_DeleteOnClose);
    }
    accuracy_->present();
}

void MainWindow::showTables(TablesPage page)
{
    if (!tables_) {
        tables_ = new TablesWindow(exportAsker(), session_->model(), session_->state().unit, this);
        tables_->setAttribute(Qt::WA_DeleteOnClose);
    }
    tables_->present(page, session_->model(), session_->state().unit);
}

void MainWindow::showGuide()
{
    if (!guide_) {
        session_->flush();
        GuideServices services;
        services.hub = services_.hub;
        services.recentModels = [this] { return settings_.settings().recentModels; };
        services.remember = [this](const RecentModel& model) {
            settings_.edit([&](Settings& settings) { rememberModel(settings, model); });
        };
        guide_ = new GuideWindow(*session_, std::move(services), this);
        guide_->setAttribute(Qt::WA_DeleteOnClose);
        connect(guide_, &GuideWindow::finished, this, [this] {
            source_->supersede(); // what is being fetched would take the place of what was just decided
            activateWindow();
        });
    }
    guide_->present();
}

} // namespace weighbridge
