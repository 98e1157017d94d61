import type { ComponentChildren, JSX, TargetedMouseEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.tsx";

/** A modal dialog. The browser keeps the focus inside, and returns it to where it was. */
export function Dialog(props: {
  readonly title: string;
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide === true ? "wide" : ""}
      aria-labelledby="dialog-title"
      onClose={props.onClose}
      // A click on the backdrop has the dialog itself as its target.
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="dialog-body">
        <header>
          <h2 id="dialog-title">{props.title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}

/** Asks before an action. The first button in the order of the keyboard cancels. */
export function Confirmation(props: {
  readonly title: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div class="dialog-text">{props.children}</div>
      <footer>
        <button type="button" class="button" onClick={closeDialog}>
          Cancel
        </button>
        <button
          type="button"
          class="button primary"
          onClick={(event) => {
            props.onConfirm();
            closeDialog(event);
          }}
        >
          {props.action}
        </button>
      </footer>
    </Dialog>
  );
}

/** The browser returns the focus only if the dialog is closed before it is removed. */
function closeDialog({ currentTarget }: TargetedMouseEvent<HTMLButtonElement>): void {
  currentTarget.closest("dialog")?.close();
}
