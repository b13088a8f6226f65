#include "ui/guide/guide_window.h"

#include "core/files/weights_path.h"
#include "ui/form/form.h"
#include "ui/form/scenario_files.h"
#include "ui/form/task_switch.h"
#include "ui/guide/decision_pane.h"
#include "ui/guide/guide_steps.h"
#include "ui/guide/guide_words.h"
#include "ui/guide/step_bar.h"
#include "ui/session/text.h"
#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/named_button.h"

#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QPainter>
#include <QScreen>
#include <QScrollArea>
#include <QShortcut>
#include <QUndoStack>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr std::size_t lastStep = StepBar::steps - 1;
/// As the form's own margin, so that words and labels begin below one another.
constexpr int formMargin = 14;

/// A hairline across the window.
class Rule : public QWidget
{
public:
    explicit Rule(QWidget* parent) : QWidget(parent) { setFixedHeight(1); }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), hairline(palette())); }
};

} // namespace

GuideWindow::GuideWindow(Session& target, GuideServices services, QWidget* parent)
    : QWidget(parent, Qt::Window), target_(target), services_(std::move(services)),
      source_(new ModelSource(session_, services_.hub, this))
{
    setObjectName(u"guide"_s);
    setAcceptDrops(true);
    session_.startLike(target_);
    // A layout that was made for another model is no reason to complain about this one.
    session_.setScenario(before_hardware(session_.scenario()), LoadedModel(session_.loadedModel()), {});
    session_.undoStack().clear();
    session_.flush();
    unchosen_ = session_.scenario().hardware;
    bar_ = new StepBar(this);
    buildMiddle();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar_);
    column->addWidget(area_, 1);
    column->addWidget(new Rule(this));
    column->addWidget(buildBottom());
    addShortcuts();
    connect(bar_, &StepBar::stepChosen, this, &GuideWindow::goTo);
    connect(&session_, &Session::changed, this, &GuideWindow::refresh);
    connect(&target_, &Session::changed, this, [this] { session_.setUnit(target_.state().unit); });
    connect(&answers_, &GuideAnswers::recommended, this, &GuideWindow::placeOnSmallest);
    connect(&answers_, &GuideAnswers::answered, this, &GuideWindow::showDecision);
    connect(decision_, &DecisionPane::configurationChosen, this, &GuideWindow::take);
    connect(decision_, &DecisionPane::alternativeChosen, this, &GuideWindow::takeAlternative);
    connect(source_, &ModelSource::opened, this, [this](const RecentModel& model) {
        if (services_.remember)
            services_.remember(model);
    });
    connect(source_, &ModelSource::fileWanted, this, &GuideWindow::openPath);
    style();
    const int unitLength = fontMetrics().height();
    resize(QSize(unitLength * 62, unitLength * 42).boundedTo(screen()->availableSize() * 0.9));
    goTo(0);
}

GuideWindow::~GuideWindow() = default;

void GuideWindow::buildMiddle()
{
    area_ = new QScrollArea(this);
    area_->setObjectName(u"guide.area"_s);
    area_->setFrameShape(QFrame::NoFrame);
    area_->setWidgetResizable(true);
    area_->setFocusPolicy(Qt::NoFocus);
    auto* middle = new QWidget;
    area_->setWidget(middle); // while it is empty: the area measures what it is given
    area_->viewport()->setAutoFillBackground(false);
    middle->setAutoFillBackground(false);
    buildLeft();
    decision_ = new DecisionPane(answers_, middle);
    beside_ = new QBoxLayout(QBoxLayout::LeftToRight, middle);
    beside_->setContentsMargins(0, 0, 0, 0);
    beside_->setSpacing(0);
    beside_->addWidget(left_);
    beside_->addWidget(decision_, 1);
}

void GuideWindow::buildLeft()
{
    left_ = new QWidget(area_->widget());
    left_->setBackgroundRole(QPalette::Base);
    left_->setAutoFillBackground(true);
    question_ = new QLabel(left_);
    question_->setObjectName(u"guide.question"_s);
    question_->setWordWrap(true);
    help_ = new QLabel(left_);
    help_->setObjectName(u"guide.help"_s);
    help_->setWordWrap(true);
    forms_ = new QVBoxLayout(left_);
    forms_->addWidget(question_);
    forms_->addWidget(help_);
    forms_->addStretch(1);
}

QWidget* GuideWindow::buildBottom()
{
    auto* bottom = new QWidget(this);
    bottom->setObjectName(u"guide.bottom"_s);
    message_ = new ElidedLabel(bottom);
    message_->setObjectName(u"guide.message"_s);
    cancel_ = namedButton(bottom, u"guide.cancel"_s, tr("&Cancel"));
    cancel_->setToolTip(tr("Close the guide and change nothing"));
    back_ = namedButton(bottom, u"guide.back"_s, tr("&Back"));
    next_ = namedButton(bottom, u"guide.next"_s, tr("&Next"));
    for (QPushButton* button : {cancel_, back_, next_})
        button->setAutoDefault(true); // Enter presses the one that has the focus
    auto* row = new QHBoxLayout(bottom);
    row->addWidget(message_, 1);
    row->addWidget(cancel_);
    row->addWidget(back_);
    row->addWidget(next_);
    connect(cancel_, &QPushButton::clicked, this, &QWidget::close);
    connect(back_, &QPushButton::clicked, this, &GuideWindow::back);
    connect(next_, &QPushButton::clicked, this, &GuideWindow::next);
    return bottom;
}

void GuideWindow::addShortcuts()
{
    const auto add = [this](const QKeySequence& keys, auto run) {
        auto* shortcut = new QShortcut(keys, this);
        connect(shortcut, &QShortcut::activated, this, run);
    };
    add(QKeySequence(Qt::ALT | Qt::Key_Left), [this] { back(); });
    add(QKeySequence(Qt::ALT | Qt::Key_Right), [this] {
        if (step_ < lastStep)
            next();
    });
    add(QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { next(); });
    add(QKeySequence(Qt::CTRL | Qt::Key_Enter), [this] { next(); });
    add(QKeySequence::Undo, [this] { session_.undoStack().undo(); });
    add(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), [this] { session_.undoStack().redo(); });
    add(QKeySequence(Qt::CTRL | Qt::Key_Y), [this] { session_.undoStack().redo(); });
}

Form* GuideWindow::makeForm(std::size_t step)
{
    const DecisionStep decides = guideSteps.at(step);
    auto* form = new Form(session_, *source_, left_, stepFields(decides), stepGroups(decides));
    form->setObjectName(u"guide.form."_s + QString::number(step));
    form->setBackgroundRole(QPalette::Base);
    if (decides == DecisionStep::scenario)
        form->setTop(new TaskSwitch(session_, form));
    form->setRecentModels(services_.recentModels);
    connect(form, &Form::modelChosen, this, &GuideWindow::chooseModel);
    forms_->insertWidget(forms_->count() - 1, form);
    return form;
}

Form* GuideWindow::formOf(std::size_t step)
{
    Form*& form = stepForms_.at(step);
    if (form == nullptr)
        form = makeForm(step);
    return form;
}

void GuideWindow::present()
{
    show();
    raise();
    activateWindow();
    focusStep();
}

void GuideWindow::goTo(std::size_t step)
{
    if (step > lastStep)
        return;
    step_ = step;
    visited_.at(step) = true;
    said_.clear();
    const DecisionStep decides = guideSteps.at(step);
    for (std::size_t other = 0; other < stepForms_.size(); ++other)
        if (other != step && stepForms_.at(other) != nullptr)
            stepForms_.at(other)->hide();
    formOf(step)->show();
    area_->ensureVisible(0, 0);
    question_->setText(stepQuestion(decides));
    help_->setText(stepHelp(decides));
    setWindowTitle(
        tr("Guided Setup, %1 of %2: %3 — Weighbridge").arg(step + 1).arg(StepBar::steps).arg(stepTitle(decides)));
    next_->setText(step == lastStep ? tr("&Finish") : tr("&Next"));
    next_->setToolTip(step == lastStep ? tr("Fill all of it into the normal window; Edit ▸ Undo takes it back")
                                       : tr("Ctrl+Enter or Alt+Right"));
    back_->setEnabled(step > 0);
    bar_->setStep(step);
    orderTabs();
    refresh();
    if (isVisible())
        focusStep();
}

/// As the eye goes; forms are made later than what follows them.
void GuideWindow::orderTabs()
{
    const QList<QWidget*> order = QList<QWidget*>{bar_} + formOf(step_)->focusOrder() + decision_->focusOrder() +
                                  QList<QWidget*>{cancel_, back_, next_};
    for (qsizetype i = 1; i < order.size(); ++i)
        setTabOrder(order.at(i - 1), order.at(i));
}

void GuideWindow::focusStep()
{
    for (QWidget* widget : formOf(step_)->focusOrder()) {
        if (!widget->isVisibleTo(this) || !widget->isEnabled())
            continue;
        widget->setFocus(Qt::TabFocusReason);
        return;
    }
}

void GuideWindow::next()
{
    session_.flush();
    if (!next_->isEnabled())
        return;
    if (step_ == lastStep)
        finish();
    else
        goTo(step_ + 1);
}

void GuideWindow::back()
{
    if (step_ > 0)
        goTo(step_ - 1);
}

void GuideWindow::finish()
{
    if (!answers_.recommendations())
        answers_.flush(); // faster than the recommendation, which is still to be filled in
    session_.flush();
    target_.take(session_, tr("Guided Setup"));
    Q_EMIT finished();
    close();
}

void GuideWindow::flush()
{
    session_.flush();
    if (step_ == lastStep)
        answers_.flush();
    session_.flush();
}

Question GuideWindow::question() const
{
    Question question;
    question.scenario = session_.scenario();
    question.model = session_.model();
    question.accelerator = session_.accelerator();
    return question;
}

void GuideWindow::refresh()
{
    answers_.ask(question(), step_ == lastStep);
    showDecision();
    showSummaries();
    showMessage();
}

void GuideWindow::showDecision()
{
    decision_->display(guideSteps.at(step_), session_.scenario(), session_.state());
}

void GuideWindow::showSummaries()
{
    const DecisionsPointer& decisions = answers_.decisions();
    for (std::size_t step = 0; step < StepBar::steps; ++step) {
        QString summary = tr("to be decided");
        if (visited_.at(step))
            summary = decisions ? stepSummary(guideSteps.at(step), *decisions, session_.scenario(),
                                              session_.accelerator(), session_.state().unit)
                                : QString();
        bar_->setSummary(step, summary);
    }
}

/// The error of a field that this step shows; what other fields have to say is no reason to stay.
const Issue* GuideWindow::errorHere() const
{
    const Form* form = stepForms_.at(step_);
    const auto& issues = session_.issues();
    const auto found = std::find_if(issues.begin(), issues.end(), [&](const Issue& issue) {
        const QString key = toQt(issue.field);
        return issue.severity == Severity::error && form != nullptr && form->labelOf(key) != key;
    });
    return found != issues.end() ? &*found : nullptr;
}

void GuideWindow::showMessage()
{
    const Issue* error = errorHere();
    next_->setEnabled(error == nullptr);
    if (error != nullptr)
        said_ = stepForms_.at(step_)->wordsOf(*error);
    message_->setFullText(said_);
    if (error != nullptr)
        said_.clear();
}

/// Until somebody chooses the hardware, the smallest that holds it is what was decided.
void GuideWindow::placeOnSmallest()
{
    const bool chosen = session_.scenario().hardware != unchosen_ || errorHere() != nullptr;
    if (chosen || answers_.eligible().empty())
        return;
    take(*answers_.eligible().front());
    unchosen_ = session_.scenario().hardware;
}

void GuideWindow::take(const Recommendation& row)
{
    const RecommendationsPointer recommendations = answers_.recommendations();
    const Configuration& configuration = recommendations->configuration(row);
    Scenario placed = placed_on(session_.scenario(), configuration, row);
    // What was said of usable memory holds for the same kind of memory.
    if (configuration.accelerator.unified_memory == session_.accelerator().unified_memory)
        placed.hardware.usable_fraction = session_.scenario().hardware.usable_fraction;
    session_.setScenario(placed, session_.loadedModel(), tr("Choose %1").arg(utf8(configuration.name)));
}

void GuideWindow::takeAlternative(const Alternative& alternative)
{
    session_.setField(utf8(alternative.key), utf8(alternative.value), coreText(alternative.label));
    session_.endEdit();
}

void GuideWindow::chooseModel(const QString& value)
{
    said_.clear();
    const QList<RecentModel> recents = services_.recentModels ? services_.recentModels() : QList<RecentModel>();
    if (const Outcome problem = source_->choose(value, recents, stepForms_.at(step_)->token())) {
        said_ = toQt(problem->message);
        showMessage();
    }
}

void GuideWindow::openPath(const QString& path)
{
    said_.clear();
    if (!weights_at(fromQt(path)).empty()) {
        source_->openWeights(path);
    } else if (const auto opened = readTextFile(path); !opened) {
        said_ = toQt(opened.error().message);
    } else if (opened->config) {
        source_->openConfig(opened->config->bytes, opened->config->name, opened->config->path);
    } else {
        said_ = tr("%1 is a whole scenario; File ▸ Open of the normal window takes it.").arg(path);
    }
    showMessage();
}

void GuideWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void GuideWindow::dropEvent(QDropEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty() || !urls.first().isLocalFile())
        return;
    event->acceptProposedAction();
    goTo(static_cast<std::size_t>(DecisionStep::model));
    openPath(urls.first().toLocalFile());
}

void GuideWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

void GuideWindow::closeEvent(QCloseEvent* event)
{
    source_->supersede();
    QWidget::closeEvent(event);
}

void GuideWindow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

/// Beside one another where both have their width, the form as wide at every step, so that nothing jumps.
void GuideWindow::arrange()
{
    constexpr int formCharacters = 52;
    constexpr int decisionCharacters = 84;
    const int each = fontMetrics().averageCharWidth();
    const int form = each * formCharacters + 2 * formMargin;
    const bool beside = width() >= form + each * decisionCharacters;
    beside_->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    left_->setMinimumWidth(beside ? form : 0);
    left_->setMaximumWidth(beside ? form : QWIDGETSIZE_MAX);
}

void GuideWindow::style()
{
    const Spacing space = Spacing::from(font());
    const Typography type = Typography::from(font());
    forms_->setContentsMargins(0, space.l, 0, space.l);
    forms_->setSpacing(space.s);
    QFont title = type.strong;
    question_->setFont(scaled(title, 1.25));
    question_->setContentsMargins(formMargin, 0, formMargin, 0);
    help_->setContentsMargins(formMargin, 0, formMargin, space.s);
    QPalette muted;
    muted.setColor(QPalette::WindowText, Theme::from(palette()).mutedText);
    help_->setPalette(muted);
    QLayout* bottom = message_->parentWidget()->layout();
    bottom->setContentsMargins(space.l, space.m, space.l, space.m);
    bottom->setSpacing(space.m);
    QPalette error;
    error.setColor(QPalette::WindowText, Theme::from(palette()).exceeds.text);
    message_->setPalette(error);
}

void GuideWindow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    const bool appearance = event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange;
    if (appearance && message_ != nullptr) {
        style();
        arrange();
    }
}

} // namespace weighbridge
